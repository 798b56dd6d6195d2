package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Measure;

/**
 * A paired comparison of two arms on the same held-out questions.
 *
 * @param first id of the baseline
 * @param second id of the other arm
 * @param measure what they are compared by
 */
public record Pair(String first, String second, Measure measure) {
  /** By greedy accuracy. */
  public Pair(String first, String second) {
    this(first, second, Measure.GREEDY);
  }
}
