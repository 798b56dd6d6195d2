package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Outcome;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.PairedComparison;
import java.util.Locale;

/**
 * The decision rule for comparisons and claims, and its wording. A difference of accuracies counts
 * when its corrected p is below 0.05, its interval lies on one side of 0, and test and difference
 * point the same way. Any other quantity counts when its interval lies on one side of the
 * threshold.
 */
public final class DecisionRule {
  public static final double ALPHA = 0.05;

  private static final String UNKNOWN = "unknown, as no question has right and wrong candidates";

  private DecisionRule() {}

  /**
   * What the second of two arms does against the first. The test looks at the majority of seeds and
   * the difference at their mean; where they point in different ways nothing is decided.
   *
   * @param p corrected for the other comparisons
   */
  public static Outcome outcome(double p, PairedComparison c) {
    Interval d = c.difference();
    if (Double.isNaN(p) || !Numbers.known(d)) {
      return Outcome.UNKNOWN;
    }
    boolean agree = Math.signum(c.onlySecond() - c.onlyFirst()) == Math.signum(d.estimate());
    if (p >= ALPHA || d.contains(0) || !agree) {
      return Outcome.UNDECIDED;
    }
    return d.estimate() > 0 ? Outcome.MORE : Outcome.LESS;
  }

  /** The verdict on "the second solves more". */
  public static Verdict more(Outcome outcome) {
    return switch (outcome) {
      case MORE -> Verdict.REPRODUCED;
      case LESS -> Verdict.NOT_REPRODUCED;
      case UNDECIDED -> Verdict.UNDECIDED;
      case UNKNOWN -> Verdict.NOT_RUN;
    };
  }

  /** The verdict on "the second solves fewer". */
  public static Verdict fewer(Outcome outcome) {
    return switch (outcome) {
      case MORE -> Verdict.NOT_REPRODUCED;
      case LESS -> Verdict.REPRODUCED;
      case UNDECIDED -> Verdict.UNDECIDED;
      case UNKNOWN -> Verdict.NOT_RUN;
    };
  }

  /** The verdict on "this is above 0". */
  public static Verdict aboveZero(Interval value) {
    return decide(value, value.low() > 0, value.high() < 0);
  }

  /** The verdict on "this share is {@code least} or more". */
  public static Verdict atLeast(Interval share, double least) {
    return decide(share, share.low() >= least, share.high() < least);
  }

  /** The verdict on "this share is below {@code limit}". */
  public static Verdict below(Interval share, double limit) {
    return decide(share, share.high() < limit, share.low() >= limit);
  }

  private static Verdict decide(Interval value, boolean holds, boolean fails) {
    if (Double.isNaN(value.estimate())) {
      return Verdict.NOT_RUN;
    }
    return holds ? Verdict.REPRODUCED : fails ? Verdict.NOT_REPRODUCED : Verdict.UNDECIDED;
  }

  static String sentence(Study.Comparison c) {
    return String.format(
        Locale.ROOT,
        "%s against %s: %s; b %d, c %d, p %.3g, after Holm %.3g.",
        c.second(),
        c.first(),
        points(c.paired().difference()),
        c.paired().onlyFirst(),
        c.paired().onlySecond(),
        c.paired().p(),
        c.holm());
  }

  /** A difference of shares in points with its bounds. */
  public static String points(Interval d) {
    return Double.isNaN(d.estimate())
        ? UNKNOWN
        : String.format(
            Locale.ROOT,
            "%+.1f points (%+.1f to %+.1f)",
            100 * d.estimate(),
            100 * d.low(),
            100 * d.high());
  }

  /** A share in percent with its bounds. */
  public static String percent(Interval a) {
    return Double.isNaN(a.estimate())
        ? UNKNOWN
        : String.format(
            Locale.ROOT,
            "%.1f %% (%.1f to %.1f)",
            100 * a.estimate(),
            100 * a.low(),
            100 * a.high());
  }
}
