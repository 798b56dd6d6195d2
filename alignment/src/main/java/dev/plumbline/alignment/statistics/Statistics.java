package dev.plumbline.alignment.statistics;

import dev.plumbline.tensor.random.RandomStream;

/** The intervals and tests of the reports in one place; see the classes that it calls. */
public final class Statistics {
  private Statistics() {}

  /** See {@link Wilson#interval}. */
  public static Interval wilson(int successes, int trials, double confidence) {
    return Wilson.interval(successes, trials, confidence);
  }

  /** See {@link McNemar#exact}. */
  public static double mcNemarExact(int b, int c) {
    return McNemar.exact(b, c);
  }

  /** Returns the mean of {@code b - a}; see {@link PairedBootstrap#meanDifference}. */
  public static Interval pairedBootstrap(
      double[] a, double[] b, int resamples, double confidence, RandomStream stream) {
    return PairedBootstrap.meanDifference(a, b, resamples, confidence, stream);
  }
}
