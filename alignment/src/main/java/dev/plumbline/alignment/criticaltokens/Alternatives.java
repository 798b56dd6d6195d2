package dev.plumbline.alignment.criticaltokens;

import java.util.Arrays;

/**
 * Counts of rollouts that have another token at a position.
 *
 * @param tokens the other tokens, in order of first occurrence
 * @param right number of rollouts with a correct answer, by token
 * @param drawn number of rollouts, by token
 */
public record Alternatives(int[] tokens, int[] right, int[] drawn) {
  /** Number of rollouts with a correct answer, over all tokens. */
  public int totalRight() {
    return Arrays.stream(right).sum();
  }
}
