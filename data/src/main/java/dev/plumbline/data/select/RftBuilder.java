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
 * Rejection-sampling fine-tuning as data (Yuan et al. 2023, arXiv 2308.01825; its code, C): each
 * reference solution, followed by the correct candidates whose calculations all hold, one per list
 * of equations. Of two candidates with the same list, the one with the larger sum of edit distances
 * to the question's other kept candidates stays; if the sums are equal, the first one stays.
 *
 * <p>If the reference has no calculator annotation, as in AQuA and ECQA, equal texts count as
 * repetitions instead (inferred, I).
 */
public final class RftBuilder {
  private final List<TrainingRow> rows = new ArrayList<>();
  private int wrong;
  private int miscalculated;
  private int repeated;
  private int kept;

  /**
   * Counts of questions and candidates.
   *
   * @param questions questions, each with its reference as a row
   * @param wrong candidates refused because of a wrong answer
   * @param miscalculated correct candidates refused because of a calculation that does not hold
   * @param repeated candidates refused or replaced as repetitions
   * @param kept candidates that are rows
   */
  public record Counts(int questions, int wrong, int miscalculated, int repeated, int kept) {}

  /**
   * Adds a question.
   *
   * @throws UserError when the row has no reference, or a response has ids only
   */
  public void add(CandidateGroup group) {
    if (group.reference() == null) {
      throw new UserError(
          "A candidates row has no 'reference'; rft needs it as the question's first row.");
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
          "A row gives its response as ids only, but rft compares texts; give the text, too.");
    }
    return response.text();
  }

  /** Returns references and kept candidates, question by question. */
  public List<TrainingRow> rows() {
    return rows;
  }

  /** Returns the counts so far. */
  public Counts counts() {
    return new Counts(rows.size() - kept, wrong, miscalculated, repeated, kept);
  }
}
