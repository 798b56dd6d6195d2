package dev.plumbline.alignment.objective;

/**
 * One response of an example.
 *
 * @param ids its tokens, the EOS included when it has one
 * @param role what it is to its question
 * @param reward higher is better; used by ranking objectives
 * @param weights one weight a token for the token-level objectives, or null for 1
 */
public record Response(int[] ids, Role role, double reward, float[] weights) {
  /** A response whose reward is 1 when it is right or chosen and else 0. */
  public static Response of(int[] ids, Role role) {
    return new Response(ids, role, role == Role.POSITIVE || role == Role.CHOSEN ? 1 : 0, null);
  }
}
