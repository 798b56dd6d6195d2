package dev.plumbline.alignment.experiment;

/**
 * A paired comparison of two arms on the same held-out questions.
 *
 * @param first id of the baseline
 * @param second id of the other arm
 */
public record Pair(String first, String second) {}
