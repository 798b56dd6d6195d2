package dev.plumbline.alignment.statistics;

import java.util.Arrays;
import org.apache.commons.math3.stat.ranking.NaNStrategy;
import org.apache.commons.math3.stat.ranking.NaturalRanking;
import org.apache.commons.math3.stat.ranking.TiesStrategy;

/**
 * The area under the receiver operating characteristic: how often a value that should be high is
 * higher than a value that should be low, where ties count half. 0.5 is chance.
 *
 * <pre>
 *   AUC = (sum of the ranks of the n high ones - n (n + 1) / 2) / (n m)
 * </pre>
 *
 * Source: Hanley and McNeil 1982. Apache Commons Math computes the ranks.
 */
public final class RankAuc {
  private RankAuc() {}

  /** Returns the area, or NaN if one side is empty; NaN among the values is refused. */
  public static double of(double[] high, double[] low) {
    if (high.length == 0 || low.length == 0) {
      return Double.NaN;
    }
    double[] all = Arrays.copyOf(high, high.length + low.length);
    System.arraycopy(low, 0, all, high.length, low.length);
    double[] ranks = new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE).rank(all);
    double n = high.length;
    double sum = Arrays.stream(ranks, 0, high.length).sum();
    return (sum - n * (n + 1) / 2) / (n * low.length);
  }
}
