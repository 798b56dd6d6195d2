package dev.plumbline.alignment.criticaltokens;

import java.util.OptionalInt;

/**
 * What rollouts from the positions of a trajectory came to. Position t stands after token t: the
 * score of a token is the share of rollouts through it that reach the right answer.
 *
 * @param right by position, rollouts with a right answer
 * @param drawn by position, rollouts that were drawn: all, fewer where they already decided, or
 *     none where the position does not matter
 * @param rollouts maximum number per position
 */
public record RolloutScores(int[] right, int[] drawn, int rollouts) {
  /** The paper's share up to which a position counts as lost: 3 of 64. */
  public static final double MAX_LOST_SHARE = 0.05;

  /** Share of right answers after token t; NaN where nothing was drawn. */
  public double score(int t) {
    return drawn[t] == 0 ? Double.NaN : (double) right[t] / drawn[t];
  }

  /** Rollouts drawn in all. */
  public long total() {
    long sum = 0;
    for (int d : drawn) {
      sum += d;
    }
    return sum;
  }

  /**
   * The critical token: the first one with score 0 after which no score exceeds {@code lost}. Where
   * each such token is followed by a better position, the last of them is taken, as the authors'
   * code does (Lin et al. 2024, arXiv 2411.19943). Empty where no score is 0.
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

  /** Maximum number of right answers of a lost position. */
  static int atMost(double lost, int rollouts) {
    return (int) Math.floor(lost * rollouts);
  }
}
