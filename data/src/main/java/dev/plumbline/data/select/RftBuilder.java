package dev.plumbline.data.select;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rejection-sampling fine-tuning as data (Yuan et al. 2023, arXiv 2308.01825; AFT spec 5.1): each
 * reference solution followed by the right candidates whose calculations all hold, one for each
 * list of equations. Of two candidates with the same list the one stays that is farther, by summed
 * edit distance, from the question's other kept ones; the first stays when they are equally far.
 *
 * <p>Where the reference has no calculator annotation, as in AQuA and ECQA, equal texts count as
 * repetitions instead (inferred).
 */
public final class RftBuilder {
  private final List<TrainingRow> rows = new ArrayList<>();
  private int wrong;
  private int miscalculated;
  private int repeated;
  private int kept;

  /**
   * What became of the candidates.
   *
   * @param questions references, all of which are rows
   * @param wrong refused for their answer
   * @param miscalculated right, and refused for a calculation that does not hold
   * @param repeated refused or replaced as a repetition
   * @param kept rows beside the references
   */
  public record Counts(int questions, int wrong, int miscalculated, int repeated, int kept) {}

  /** Adds a question; its row must have a reference. */
  public void add(CandidateGroup group) {
    if (group.reference() == null) {
      throw new UserError("A candidates row has no 'reference', which rft keeps as its first row.");
    }
    rows.add(new Completion(group.prompt(), group.reference()));
    Deduplicator.Mode mode =
        CalculatorCheck.equations(text(group.reference())).isEmpty()
            ? Deduplicator.Mode.TEXT
            : Deduplicator.Mode.EQUATIONS;
    Map<String, TokenText> byKey = new LinkedHashMap<>();
    for (Candidate candidate : group.candidates()) {
      String text = text(candidate.response());
      if (!candidate.correct()) {
        wrong++;
      } else if (!CalculatorCheck.check(text).allRight()) {
        miscalculated++;
      } else {
        keep(byKey, Deduplicator.key(mode, text), candidate.response());
      }
    }
    byKey.values().forEach(response -> rows.add(new Completion(group.prompt(), response)));
    kept += byKey.size();
  }

  private void keep(Map<String, TokenText> byKey, String key, TokenText response) {
    TokenText present = byKey.get(key);
    if (present == null) {
      byKey.put(key, response);
      return;
    }
    repeated++;
    int nearer = 0;
    int farther = 0;
    for (Map.Entry<String, TokenText> other : byKey.entrySet()) {
      if (!other.getKey().equals(key)) {
        nearer += EditDistance.between(text(present), text(other.getValue()));
        farther += EditDistance.between(text(response), text(other.getValue()));
      }
    }
    if (farther > nearer) {
      byKey.put(key, response);
    }
  }

  private static String text(TokenText response) {
    if (response.text() == null) {
      throw new UserError(
          "A row gives its response as ids only; rft looks at its text, so give that too.");
    }
    return response.text();
  }

  /** References and kept candidates, question by question. */
  public List<TrainingRow> rows() {
    return rows;
  }

  /** What became of the candidates so far. */
  public Counts counts() {
    return new Counts(rows.size() - kept, wrong, miscalculated, repeated, kept);
  }
}
