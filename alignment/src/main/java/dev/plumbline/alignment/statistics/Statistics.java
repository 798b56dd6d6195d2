package dev.plumbline.alignment.statistics;

import dev.plumbline.tensor.random.RandomStream;

/** The intervals and tests of the reports under one name; the classes it calls say what they do. */
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

  /** The mean of {@code b - a}; see {@link PairedBootstrap#meanDifference}. */
  public static Interval pairedBootstrap(
      double[] a, double[] b, int resamples, double confidence, RandomStream stream) {
    return PairedBootstrap.meanDifference(a, b, resamples, confidence, stream);
  }
}
