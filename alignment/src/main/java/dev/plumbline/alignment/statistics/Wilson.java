package dev.plumbline.alignment.statistics;

import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/**
 * Wilson's score interval for a share such as an accuracy. It stays within [0, 1] and keeps its
 * level for few trials and for shares near 0 and 1.
 *
 * <pre>
 *   (p + z^2/2n -+ z sqrt(p (1 - p)/n + z^2/4n^2)) / (1 + z^2/n),   p = successes/n
 * </pre>
 *
 * Source: Wilson 1927; Newcombe 1998, method 3. Computed by Apache Commons Math.
 */
public final class Wilson {
  private Wilson() {}

  /**
   * Returns the interval of a share.
   *
   * @param confidence such as 0.95
   * @return NaN with the bounds {@code [0, 1]} if there are no trials
   * @throws IllegalArgumentException when a count is impossible
   */
  public static Interval interval(int successes, int trials, double confidence) {
    Samples.requireConfidence(confidence);
    if (successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "There are " + successes + " successes in " + trials + " trials; check the counts.");
    }
    if (trials == 0) {
      return new Interval(Double.NaN, 0, 1);
    }
    ConfidenceInterval interval =
        new WilsonScoreInterval().createInterval(trials, successes, confidence);
    // With no or only successes the bound is exactly 0 or 1, which the formula misses because of
    // rounding.
    return new Interval(
        (double) successes / trials,
        successes == 0 ? 0 : interval.getLowerBound(),
        successes == trials ? 1 : interval.getUpperBound());
  }
}
