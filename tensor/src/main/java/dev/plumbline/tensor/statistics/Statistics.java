package dev.plumbline.tensor.statistics;

import dev.plumbline.tensor.random.RandomStream;
import java.util.Arrays;
import org.apache.commons.math3.stat.inference.AlternativeHypothesis;
import org.apache.commons.math3.stat.inference.BinomialTest;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/** Intervals and tests of the reports, on Apache Commons Math. */
public final class Statistics {
  private Statistics() {}

  /** Wilson's score interval (1927) of a share; [0, 1] around NaN without trials. */
  public static Interval wilson(int successes, int trials, double confidence) {
    if (trials == 0) {
      return new Interval(Double.NaN, 0, 1);
    }
    ConfidenceInterval interval = new WilsonScoreInterval().createInterval(trials, successes, confidence);
    return new Interval(
        (double) successes / trials, Math.max(0, interval.getLowerBound()), Math.min(1, interval.getUpperBound()));
  }

  /**
   * McNemar's exact test, two-sided.
   *
   * @param b questions that only the first got right
   * @param c questions that only the second got right
   */
  public static double mcNemarExact(int b, int c) {
    return b + c == 0 ? 1 : new BinomialTest().binomialTest(b + c, b, 0.5, AlternativeHypothesis.TWO_SIDED);
  }

  /** Percentile bootstrap of the mean of paired differences {@code b - a}. */
  public static Interval pairedBootstrap(
      double[] a, double[] b, int resamples, double confidence, RandomStream stream) {
    int n = a.length;
    double[] means = new double[resamples];
    for (int r = 0; r < resamples; r++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        int j = stream.nextInt(n);
        sum += b[j] - a[j];
      }
      means[r] = sum / n;
    }
    Arrays.sort(means);
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += (b[i] - a[i]) / n;
    }
    double tail = (1 - confidence) / 2;
    return new Interval(mean, means[(int) Math.floor(tail * (resamples - 1))], means[(int) Math.ceil((1 - tail) * (resamples - 1))]);
  }
}
