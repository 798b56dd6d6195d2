package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Interval;

/**
 * The unit of an axis, told by its label: shares are shown in percent under a label with a %.
 *
 * @param label of the axis
 */
public record Unit(String label) {
  private static final int DIGITS = 3;

  private boolean percent() {
    return label.contains("%");
  }

  /** What is shown of a value. */
  double shown(double value) {
    return percent() ? 100 * value : value;
  }

  /** A value in figures. */
  public String text(double value) {
    return percent() ? Numbers.percent(value) : Numbers.decimal(value, DIGITS);
  }

  /** The bounds of an interval in figures, or nothing. */
  public String bounds(Interval interval) {
    return Numbers.known(interval) ? text(interval.low()) + " to " + text(interval.high()) : "";
  }
}
