package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.report.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import java.util.Locale;

/**
 * How claims are decided, and in which words. A difference of accuracies counts when its
 * Holm-corrected p is below 0.05 and its interval lies on one side of 0.
 */
public final class DecisionRule {
  public static final double ALPHA = 0.05;

  private DecisionRule() {}

  public static Study.Claim notRun(String claim, String source) {
    return new Study.Claim(
        claim, source, "", Verdict.NOT_RUN, "This run leaves it out; the full run has it.");
  }

  /** Whether the second solves more ({@code direction} 1) or fewer (-1), as the claim says. */
  public static Verdict verdict(Study.Comparison c, int direction) {
    if (c.holm() >= ALPHA || c.difference().contains(0)) {
      return Verdict.UNDECIDED;
    }
    return Math.signum(c.difference().estimate()) == direction
        ? Verdict.REPRODUCED
        : Verdict.NOT_REPRODUCED;
  }

  public static Verdict sign(Interval difference) {
    if (Double.isNaN(difference.estimate())) {
      return Verdict.NOT_RUN;
    }
    return difference.low() > 0
        ? Verdict.REPRODUCED
        : difference.high() < 0 ? Verdict.NOT_REPRODUCED : Verdict.UNDECIDED;
  }

  public static String sentence(Study.Comparison c) {
    return String.format(
        Locale.ROOT,
        "%s against %s: %s; b %d, c %d, p %.3g, after Holm %.3g.",
        c.second(),
        c.first(),
        points(c.difference()),
        c.onlyFirst(),
        c.onlySecond(),
        c.p(),
        c.holm());
  }

  public static String points(Interval d) {
    if (Double.isNaN(d.estimate())) {
      return "unknown, as no question has right and wrong candidates";
    }
    return String.format(
        Locale.ROOT,
        "%+.1f points (%+.1f to %+.1f)",
        100 * d.estimate(),
        100 * d.low(),
        100 * d.high());
  }

  public static String percent(Interval a) {
    if (Double.isNaN(a.estimate())) {
      return "unknown, as no question has right and wrong candidates";
    }
    return String.format(
        Locale.ROOT, "%.1f %% (%.1f to %.1f)", 100 * a.estimate(), 100 * a.low(), 100 * a.high());
  }
}
