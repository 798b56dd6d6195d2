package dev.plumbline.alignment.criticaltokens;

import java.util.OptionalInt;

/**
 * Rollout counts of the positions of a trajectory. Position t is after token t: the score of a
 * token is the share of rollouts through it with the correct answer.
 *
 * @param right by position, number of rollouts with a correct answer
 * @param drawn by position, number of sampled rollouts: all, fewer if these already decided, or
 *     none if the position does not matter
 * @param rollouts maximum number per position
 */
public record RolloutScores(int[] right, int[] drawn, int rollouts) {
  /** Maximum share of correct answers of a lost position in the paper: 3 of 64. */
  public static final double MAX_LOST_SHARE = 0.05;

  /** Share of correct answers after token t; NaN without rollouts. */
  public double score(int t) {
    return drawn[t] == 0 ? Double.NaN : (double) right[t] / drawn[t];
  }

  /** Total number of sampled rollouts. */
  public long total() {
    long sum = 0;
    for (int d : drawn) {
      sum += d;
    }
    return sum;
  }

  /**
   * The critical token: the first one with score 0 after which no score exceeds {@code lost}. If
   * each such token is followed by a higher score, the last of these tokens is taken (the authors'
   * code, C). Empty if no score is 0. Source: Lin et al. 2024, arXiv 2411.19943.
   */
  public OptionalInt critical(double lost) {
    int found = -1;
    int forgotten = -1;
    int most = atMost(lost, rollouts);
    for (int t = 0; t < right.length; t++) {
      if (found >= 0 && right[t] > most) {
        forgotten = found;
        found = -1;
      } else if (found < 0 && drawn[t] > 0 && right[t] == 0) {
        found = t;
      }
    }
    int critical = found >= 0 ? found : forgotten;
    return critical >= 0 ? OptionalInt.of(critical) : OptionalInt.empty();
  }

  /** Maximum number of correct answers of a lost position. */
  static int atMost(double lost, int rollouts) {
    return (int) Math.floor(lost * rollouts);
  }
}
