package dev.plumbline.alignment.statistics;

import dev.plumbline.tensor.random.RandomStream;

/**
 * Percentile bootstrap of a paired comparison: questions are drawn with replacement, each with the
 * scores of both systems, so that the difficulty of the questions cancels. Source: Efron 1979;
 * Efron and Tibshirani 1993, chapter 13.
 */
public final class PairedBootstrap {
  private PairedBootstrap() {}

  /**
   * Returns the mean of {@code b[i] - a[i]} with its interval: positive if {@code b} scores higher.
   *
   * @param a scores of the baseline, one per question
   * @param b scores of the other system on the same questions
   * @param resamples number of resamples; 10,000 is usual
   * @param confidence such as 0.95
   * @param stream random stream of the resamples; the same state gives the same interval
   */
  public static Interval meanDifference(
      double[] a, double[] b, int resamples, double confidence, RandomStream stream) {
    Samples.requirePairs(a, b, 1, "The paired bootstrap");
    Samples.requireConfidence(confidence);
    if (resamples < 1) {
      throw new IllegalArgumentException(
          "The number of resamples must be >= 1, but is " + resamples + ".");
    }
    int n = a.length;
    double[] differences = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      differences[i] = b[i] - a[i];
      sum += differences[i];
    }
    double[] means = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      double resampled = 0;
      for (int i = 0; i < n; i++) {
        resampled += differences[stream.nextInt(n)];
      }
      means[r] = resampled / n;
    }
    double tail = (1 - confidence) / 2;
    double[] bounds = Quantiles.of(means, tail, 1 - tail);
    return new Interval(sum / n, bounds[0], bounds[1]);
  }
}
