package dev.plumbline.alignment.statistics;

import dev.plumbline.tensor.random.RandomStream;

/**
 * Percentile bootstrap of a ratio of sums over clusters, such as questions with several pairs each:
 * whole clusters are drawn with replacement, so that correlation within a cluster widens the
 * interval. Source: Efron and Tibshirani 1993, chapters 8 and 13.
 */
public final class RatioBootstrap {
  private RatioBootstrap() {}

  /**
   * Returns {@code sum numerator / sum denominator} with its interval; NaN if the denominators are
   * 0.
   *
   * @param numerator one value per cluster
   * @param denominator one value per cluster
   * @param resamples number of resamples
   * @param confidence such as 0.95
   * @param stream random stream of the resamples
   */
  public static Interval ratio(
      double[] numerator,
      double[] denominator,
      int resamples,
      double confidence,
      RandomStream stream) {
    return difference(
        numerator,
        denominator,
        new double[numerator.length],
        ones(numerator.length),
        resamples,
        confidence,
        stream);
  }

  /**
   * Returns the ratio of one system minus the ratio of a baseline on the same clusters, which are
   * drawn together.
   */
  public static Interval difference(
      double[] numerator,
      double[] denominator,
      double[] baseNumerator,
      double[] baseDenominator,
      int resamples,
      double confidence,
      RandomStream stream) {
    Samples.requirePairs(numerator, denominator, 1, "The ratio's bootstrap");
    Samples.requirePairs(baseNumerator, baseDenominator, 1, "The baseline's bootstrap");
    Samples.requirePairs(numerator, baseNumerator, 1, "The bootstrap of a difference of ratios");
    Samples.requireConfidence(confidence);
    int n = numerator.length;
    int[] all = new int[n];
    for (int i = 0; i < n; i++) {
      all[i] = i;
    }
    double estimate =
        share(numerator, denominator, all) - share(baseNumerator, baseDenominator, all);
    if (Double.isNaN(estimate)) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN);
    }
    double[] drawn = new double[resamples];
    int[] clusters = new int[n];
    for (int r = 0; r < resamples; r++) {
      do { // a resample without a pair has no ratio; it is drawn again
        for (int i = 0; i < n; i++) {
          clusters[i] = stream.nextInt(n);
        }
        drawn[r] =
            share(numerator, denominator, clusters)
                - share(baseNumerator, baseDenominator, clusters);
      } while (Double.isNaN(drawn[r]));
    }
    double tail = (1 - confidence) / 2;
    double[] bounds = Quantiles.of(drawn, tail, 1 - tail);
    return new Interval(estimate, bounds[0], bounds[1]);
  }

  private static double share(double[] numerator, double[] denominator, int[] clusters) {
    double above = 0;
    double below = 0;
    for (int i : clusters) {
      above += numerator[i];
      below += denominator[i];
    }
    return below == 0 ? Double.NaN : above / below;
  }

  private static double[] ones(int n) {
    double[] ones = new double[n];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }
}
