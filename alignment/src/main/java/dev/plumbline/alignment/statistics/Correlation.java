package dev.plumbline.alignment.statistics;

import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * Correlation of at least two paired values, from -1 to 1; NaN if one side is constant, because no
 * line or order exists then. Computed by Apache Commons Math.
 */
public final class Correlation {
  private Correlation() {}

  /** Pearson's r, the linear correlation. */
  public static double pearson(double[] x, double[] y) {
    Samples.requirePairs(x, y, 2, "Pearson's correlation");
    return new PearsonsCorrelation().correlation(x, y);
  }

  /**
   * Pearson's r with its interval by Fisher's z, which assumes normally distributed pairs:
   *
   * <pre>
   *   tanh(artanh(r) -+ z / sqrt(n - 3)),   z the normal quantile of the level
   * </pre>
   *
   * Source: Fisher 1921.
   *
   * @param confidence such as 0.95
   * @return NaN bounds for fewer than 4 pairs, for which the formula has no finite width; all NaN
   *     if r does not exist
   */
  public static Interval pearsonInterval(double[] x, double[] y, double confidence) {
    Samples.requireConfidence(confidence);
    double r = Math.max(-1, Math.min(1, pearson(x, y))); // rounding may exceed the bounds
    if (Double.isNaN(r) || x.length < 4) {
      return new Interval(r, Double.NaN, Double.NaN);
    }
    double z =
        0.5 * Math.log((1 + r) / (1 - r)); // infinite at the bounds, where the interval is a point
    double quantile =
        new NormalDistribution(null, 0, 1).inverseCumulativeProbability((1 + confidence) / 2);
    double half = quantile / Math.sqrt(x.length - 3);
    return new Interval(r, Math.tanh(z - half), Math.tanh(z + half));
  }

  /** Spearman's rho: Pearson's r of the ranks; ties get the mean of their ranks. */
  public static double spearman(double[] x, double[] y) {
    Samples.requirePairs(x, y, 2, "Spearman's correlation");
    return new SpearmansCorrelation().correlation(x, y);
  }
}
