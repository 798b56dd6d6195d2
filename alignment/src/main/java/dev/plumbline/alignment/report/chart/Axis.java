package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Numbers;
import java.util.ArrayList;
import java.util.List;

/**
 * An axis whose ends and ticks are round numbers: 1, 2 or 5 times a power of ten apart.
 *
 * @param low left or lower end
 * @param step distance of ticks
 * @param intervals number of steps
 */
public record Axis(double low, double step, int intervals) {
  /**
   * The axis of about {@code wanted} steps that holds {@code [low, high]}; 0 to 1 where there is
   * nothing to hold.
   */
  public static Axis of(double low, double high, int wanted) {
    if (!(low <= high) || !Double.isFinite(high - low)) {
      return of(0, 1, wanted);
    }
    double least = Math.max(Math.max(Math.abs(low), Math.abs(high)) * 1e-6, 1e-9);
    if (high - low < least) {
      double margin = Math.max(Math.abs(low) * 0.05, 0.05);
      return of(low - margin, high + margin, wanted);
    }
    double step = round((high - low) / wanted);
    double first = Math.floor(low / step + 1e-9);
    double last = Math.ceil(high / step - 1e-9);
    return new Axis(first * step, step, (int) Math.max(1, last - first));
  }

  /** The axis from 0 for whole numbers. */
  public static Axis counting(int high) {
    return of(0, Math.max(1, high), Math.min(6, Math.max(1, high)));
  }

  /** The next of 1, 2, 5, 10 times a power of ten. */
  private static double round(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    double mantissa = step / power - 1e-9;
    return power * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
  }

  double high() {
    return low + step * intervals;
  }

  /** The ticks, both ends included. */
  public List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; i <= intervals; i++) {
      ticks.add(low + i * step);
    }
    return ticks;
  }

  /** A tick's text, with as many digits as the step needs. */
  public String label(double tick) {
    double exponent = Math.floor(Math.log10(step) + 1e-9);
    return Numbers.typeset(Numbers.decimal(tick, (int) Math.max(0, Math.min(9, -exponent))));
  }

  /**
   * Where a value lies between the drawing's coordinates {@code from} and {@code to}; outside
   * values at the end.
   */
  double place(double value, double from, double to) {
    double share = Math.max(0, Math.min(1, (value - low) / (high() - low)));
    return from + share * (to - from);
  }
}
