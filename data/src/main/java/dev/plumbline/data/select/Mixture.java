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
 * One training set of several sets of problems: what is held out goes, then a limit applies, then
 * all are put in a drawn order (AFT spec 6.5: concatenation and shuffle, inferred). The limit comes
 * second, so that AQuA's 5,000 are 5,000.
 */
public final class Mixture {
  private final List<Problem> heldOut;
  private final List<Problem> problems = new ArrayList<>();

  /** An empty mixture without problems that overlap with {@code heldOut}. */
  public Mixture(List<Problem> heldOut) {
    this.heldOut = List.copyOf(heldOut);
  }

  /**
   * What became of one set.
   *
   * @param kept problems of the mixture
   * @param same left out as a question that is held out
   * @param near left out for its runs of words: see {@link SplitOverlap}
   * @param beyond left out by the limit
   */
  public record Counts(int kept, int same, int near, int beyond) {}

  /** Adds a set's first {@code limit} problems that are not held out; 0 adds all of them. */
  public Counts add(List<Problem> set, int limit) {
    if (limit < 0) {
      throw new UserError("A limit is " + limit + "; give 0 for all problems or a number above.");
    }
    SplitOverlap.Result result = SplitOverlap.drop(set, heldOut);
    int kept = limit == 0 ? result.kept().size() : Math.min(limit, result.kept().size());
    problems.addAll(result.kept().subList(0, kept));
    return new Counts(kept, result.same(), result.near(), result.kept().size() - kept);
  }

  /**
   * Prompts and targets of all, in the order of a drawn permutation.
   *
   * @param permutation of 0 to n - 1 for a given n; this module has no random streams of its own
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
