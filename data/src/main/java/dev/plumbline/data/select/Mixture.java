package dev.plumbline.data.select;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One training set from several sets of problems: held-out problems are removed, then a limit
 * applies, then all sets are concatenated and shuffled (inferred, I). The limit comes second, so
 * that AQuA's 5,000 are 5,000.
 */
public final class Mixture {
  private final List<Problem> heldOut;
  private final List<Problem> problems = new ArrayList<>();

  /** Creates an empty mixture, which will not take problems that overlap with {@code heldOut}. */
  public Mixture(List<Problem> heldOut) {
    this.heldOut = List.copyOf(heldOut);
  }

  /**
   * Counts of one set.
   *
   * @param kept problems in the mixture
   * @param same left out because the question is held out
   * @param near left out because of common runs of words: see {@link SplitOverlap}
   * @param beyond left out by the limit
   */
  public record Counts(int kept, int same, int near, int beyond) {}

  /**
   * Adds the first {@code limit} problems of a set that are not held out; 0 adds all of them.
   *
   * @throws UserError when the limit is negative
   */
  public Counts add(List<Problem> set, int limit) {
    if (limit < 0) {
      throw new UserError("A limit must be >= 0, but is " + limit + "; 0 takes all problems.");
    }
    SplitOverlap.Result result = SplitOverlap.drop(set, heldOut);
    int kept = limit == 0 ? result.kept().size() : Math.min(limit, result.kept().size());
    problems.addAll(result.kept().subList(0, kept));
    return new Counts(kept, result.same(), result.near(), result.kept().size() - kept);
  }

  /**
   * Returns prompts and targets of all problems, in the order of a permutation.
   *
   * @param permutation gives a permutation of 0 to n - 1 for n; this module has no random streams
   */
  public List<TrainingRow> rows(IntFunction<int[]> permutation) {
    List<TrainingRow> rows = new ArrayList<>(problems.size());
    for (int i : permutation.apply(problems.size())) {
      Problem p = problems.get(i);
      rows.add(new Completion(TokenText.ofText(p.prompt()), TokenText.ofText(p.target())));
    }
    return rows;
  }
}
