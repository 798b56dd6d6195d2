package dev.plumbline.alignment.generate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.select.Deduplicator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes candidate groups: de-duplicated by normalised text, each candidate graded as correct or
 * wrong.
 */
public final class CandidateFile {
  private CandidateFile() {}

  /**
   * Counts of a written file.
   *
   * @param questions number of questions, each of which is one row
   * @param sampled solutions drawn
   * @param correct correct solutions by strict extraction
   * @param kept candidates after de-duplication
   * @param mixed questions with both correct and wrong candidates, which alone have alignment loss
   */
  public record Summary(int questions, int sampled, int correct, int kept, int mixed) {
    /** The counts in words, for printing. */
    public String text() {
      return correct
          + " of "
          + sampled
          + " correct; "
          + mixed
          + " questions have correct and wrong candidates";
    }
  }

  /**
   * Groups solutions by problem and writes them; with {@code deduplicate}, only the first of equal
   * texts is kept.
   */
  public static Summary write(
      Path file,
      List<Problem> problems,
      List<List<ProblemSampler.Solution>> solutions,
      boolean deduplicate) {
    List<ObjectNode> rows = new ArrayList<>();
    int sampled = 0;
    int correct = 0;
    int kept = 0;
    int mixed = 0;
    for (int i = 0; i < problems.size(); i++) {
      ObjectNode row = Jsonl.mapper().createObjectNode();
      row.put("id", problems.get(i).id());
      row.put("prompt", problems.get(i).prompt());
      row.put("reference", problems.get(i).target());
      ArrayNode candidates = row.putArray("candidates");
      int right = 0;
      int wrong = 0;
      for (ProblemSampler.Solution s : chosen(solutions.get(i), deduplicate)) {
        ObjectNode node = candidates.addObject();
        node.put("response", s.text());
        ArrayNode ids = node.putArray("response_ids");
        for (int id : s.sample().ids()) {
          ids.add(id);
        }
        node.put("correct", s.grade().correct());
        node.put("reward", s.grade().correct() ? 1.0 : 0.0);
        right += s.grade().correct() ? 1 : 0;
        wrong += s.grade().correct() ? 0 : 1;
      }
      rows.add(row);
      sampled += solutions.get(i).size();
      correct += (int) solutions.get(i).stream().filter(s -> s.grade().correct()).count();
      kept += right + wrong;
      mixed += right > 0 && wrong > 0 ? 1 : 0;
    }
    Jsonl.write(file, rows);
    return new Summary(rows.size(), sampled, correct, kept, mixed);
  }

  private static List<ProblemSampler.Solution> chosen(
      List<ProblemSampler.Solution> all, boolean deduplicate) {
    if (!deduplicate) {
      return all;
    }
    List<ProblemSampler.Solution> result = new ArrayList<>();
    for (boolean correct : new boolean[] {true, false}) {
      List<ProblemSampler.Solution> half =
          all.stream().filter(s -> s.grade().correct() == correct).toList();
      result.addAll(
          Deduplicator.distinct(half, ProblemSampler.Solution::text, Deduplicator.Mode.TEXT));
    }
    return result;
  }
}
