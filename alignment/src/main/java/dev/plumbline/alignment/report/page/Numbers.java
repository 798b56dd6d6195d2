package dev.plumbline.alignment.report.page;

import dev.plumbline.alignment.statistics.Interval;
import java.util.List;
import java.util.Locale;

/**
 * Formats the figures of a report, the same in every locale. A figure without a value is {@link
 * #NONE}.
 */
public final class Numbers {
  /** Stands for a figure that does not exist. */
  public static final String NONE = "n/a";

  private Numbers() {}

  /** {@link String#format} in {@link Locale#ROOT}. */
  public static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  /** Digits after the point; from a million on with an exponent. */
  public static String decimal(double value, int digits) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? NONE : value > 0 ? "infinite" : "-infinite";
    }
    String text = format(Math.abs(value) < 1e6 ? "%." + digits + "f" : "%.2e", value);
    return text.matches("-0(\\.0+)?") ? text.substring(1) : text;
  }

  /** A share in percent, such as {@code 41.2}. */
  public static String percent(double share) {
    return decimal(100 * share, 1);
  }

  /** A share in percent with its sign, such as {@code 41.2 %}. */
  public static String share(double share) {
    return Double.isFinite(share) ? percent(share) + "\u00a0%" : NONE;
  }

  /**
   * A difference of shares in percentage points, with its sign: {@code -0.0} is a little below 0.
   */
  public static String points(double difference) {
    return Double.isFinite(difference)
        ? format("%+.1f", 100 * difference + 0.0) // -0.0 + 0.0 is 0.0
        : percent(difference);
  }

  /** The bounds of an interval of shares, in percent. */
  public static String bounds(Interval interval) {
    return known(interval) ? percent(interval.low()) + " to " + percent(interval.high()) : NONE;
  }

  /** Whether an interval says anything. */
  public static boolean known(Interval interval) {
    return Double.isFinite(interval.estimate())
        && Double.isFinite(interval.low())
        && Double.isFinite(interval.high());
  }

  /**
   * A p-value: four digits near the usual thresholds, so that rounding cannot move it across one.
   */
  public static String p(double p) {
    return Double.isNaN(p)
        ? NONE
        : format(p < 0.0001 && p > 0 ? "%.1e" : p < 0.1 ? "%.4f" : "%.3f", p);
  }

  /** Wall time. */
  public static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return NONE;
    }
    if (seconds < 600) {
      return decimal(seconds, seconds < 10 ? 1 : 0) + " s";
    }
    return seconds < 3 * 3600
        ? decimal(seconds / 60, 1) + " min"
        : decimal(seconds / 3600, 1) + " h";
  }

  /** Mean of the finite values; NaN without any. */
  public static double mean(double[] values) {
    double sum = 0;
    int n = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        sum += value;
        n++;
      }
    }
    return n == 0 ? Double.NaN : sum / n;
  }

  /** A difference of shares in points with its bounds. */
  public static String points(Interval difference) {
    return points(difference.estimate())
        + (known(difference)
            ? " (" + points(difference.low()) + " to " + points(difference.high()) + ")"
            : "");
  }

  /** An enumeration: commas, and an "and" before the last. */
  public static String join(List<String> parts) {
    int last = parts.size() - 1;
    return last < 1
        ? String.join("", parts)
        : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
  }

  /** Text for the page: a true minus sign before a number. */
  public static String typeset(String text) {
    return text.replaceAll("(?<![\\w.)-])-(?=\\d|infinite)", "\u2212");
  }
}
