package dev.plumbline.alignment.batch;

import java.util.Arrays;

/**
 * One response of an example.
 *
 * @param ids its tokens, including EOS if it has one
 * @param role its role for its question
 * @param reward higher is better; used by ranking objectives
 * @param weights one weight per token for token-weighted objectives, or null for 1
 * @param scored which tokens count, or null for all; the others are context only
 */
public record Response(int[] ids, Role role, double reward, float[] weights, boolean[] scored) {
  /**
   * Creates a response whose tokens all count; its reward is 1 if it is correct or chosen, else 0.
   */
  public static Response of(int[] ids, Role role) {
    return new Response(ids, role, role.isRight() ? 1 : 0, null, null);
  }

  /** Number of tokens that count. */
  public int scoredTokens() {
    if (scored == null) {
      return ids.length;
    }
    int count = 0;
    for (boolean one : scored) {
      count += one ? 1 : 0;
    }
    return count;
  }

  /** The weights of the tokens that count. */
  float[] scoredWeights() {
    float[] own = new float[scoredTokens()];
    int at = 0;
    for (int t = 0; t < ids.length; t++) {
      if (scored == null || scored[t]) {
        own[at++] = weights == null ? 1f : weights[t];
      }
    }
    return own;
  }

  /** Which tokens count, one entry per token. */
  boolean[] mask() {
    if (scored != null) {
      return scored;
    }
    boolean[] all = new boolean[ids.length];
    Arrays.fill(all, true);
    return all;
  }
}
