package dev.plumbline.alignment.criticaltokens;

import java.util.Arrays;

/**
 * Rollouts that continue with another token in place of one.
 *
 * @param tokens the other tokens, in the order in which they came up
 * @param right rollouts with a right answer, by token
 * @param drawn rollouts, by token
 */
public record Alternatives(int[] tokens, int[] right, int[] drawn) {
  /** Rollouts with a right answer, of all tokens. */
  public int totalRight() {
    return Arrays.stream(right).sum();
  }
}
