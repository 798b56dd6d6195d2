package dev.plumbline.alignment.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Self-consistency (Wang et al. 2022, arXiv 2203.11171): the most frequent answer of several
 * samples. Samples without an answer do not vote; ties go to the answer that occurs first (RFT's
 * code, C).
 */
public final class SelfConsistency {
  private SelfConsistency() {}

  /**
   * Returns the most frequent of the extracted answers, where null means no answer; null if there
   * is none.
   */
  public static String majority(List<String> answers) {
    Map<String, Integer> votes = new LinkedHashMap<>();
    answers.stream().filter(Objects::nonNull).forEach(a -> votes.merge(a, 1, Integer::sum));
    String winner = null;
    for (Map.Entry<String, Integer> entry : votes.entrySet()) {
      if (winner == null || entry.getValue() > votes.get(winner)) {
        winner = entry.getKey();
      }
    }
    return winner;
  }
}
