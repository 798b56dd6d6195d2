package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Wilson;
import java.util.Arrays;
import java.util.Locale;

/** Means and shares over wrong solutions, with 95 % intervals. */
final class Shares {
  private Shares() {}

  /** A share of zeros and ones: Wilson's interval, which does not vanish where all are equal. */
  static Interval share(double[] values) {
    return Wilson.interval((int) Math.round(Arrays.stream(values).sum()), values.length, 0.95);
  }

  static Interval mean(double[] values) {
    return StudyStatistics.mean(values);
  }

  /** The mean of {@code a - b}. */
  static Clustered difference(double[] a, double[] b) {
    return StudyStatistics.meanDifference(a, b);
  }

  static String decimal(Interval a) {
    return Double.isNaN(a.estimate())
        ? "n/a"
        : String.format(Locale.ROOT, "%.3f (%.3f to %.3f)", a.estimate(), a.low(), a.high());
  }
}
