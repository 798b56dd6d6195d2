package dev.plumbline.alignment.statistics;

/**
 * An estimate with its confidence interval, in the unit of the estimated quantity.
 *
 * @param estimate the point estimate, NaN without data
 * @param low lower bound
 * @param high upper bound
 */
public record Interval(double estimate, double low, double high) {
  /** Whether a value lies between the bounds, inclusive. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
