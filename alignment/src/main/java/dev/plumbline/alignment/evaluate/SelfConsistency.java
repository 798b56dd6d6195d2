package dev.plumbline.alignment.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Self-consistency (Wang et al. 2022, arXiv 2203.11171): the answer that most samples give. Samples
 * without an answer have no vote; of equally frequent answers the first seen wins (RFT's code).
 */
public final class SelfConsistency {
  private SelfConsistency() {}

  /** The winner among extracted answers, null entries being none; null when none votes. */
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
