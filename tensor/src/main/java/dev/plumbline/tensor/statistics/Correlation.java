package dev.plumbline.tensor.statistics;

import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * Correlation of paired values, from -1 to 1; NaN where one side is constant, since no line or
 * order exists then. At least two pairs. Computed by Apache Commons Math.
 */
public final class Correlation {
  private Correlation() {}

  /** Pearson's r: how well a line fits. */
  public static double pearson(double[] x, double[] y) {
    Samples.requirePairs(x, y, 2, "Pearson's correlation");
    return new PearsonsCorrelation().correlation(x, y);
  }

  /** Spearman's rho: Pearson's r of the ranks, where ties share the mean of their ranks. */
  public static double spearman(double[] x, double[] y) {
    Samples.requirePairs(x, y, 2, "Spearman's correlation");
    return new SpearmansCorrelation().correlation(x, y);
  }
}
