package dev.plumbline.alignment.statistics;

import java.util.Arrays;

/**
 * Quantiles with linear interpolation between order statistics: type 7 of Hyndman and Fan 1996, the
 * default of NumPy and R. With values sorted from index 0 and {@code h = (n - 1) p}:
 *
 * <pre>
 *   q = x[floor(h)] + (h - floor(h)) (x[floor(h) + 1] - x[floor(h)])
 * </pre>
 */
public final class Quantiles {
  private Quantiles() {}

  /**
   * Returns one quantile per probability in [0, 1], in the given order.
   *
   * @param values at least one value, in any order; the array is not changed
   */
  public static double[] of(double[] values, double... probabilities) {
    Samples.require(values, 1, "The sample of a quantile");
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double[] quantiles = new double[probabilities.length];
    for (int i = 0; i < quantiles.length; i++) {
      quantiles[i] = quantile(sorted, probabilities[i]);
    }
    return quantiles;
  }

  private static double quantile(double[] sorted, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "The probability of a quantile must be between 0 and 1, but is " + probability + ".");
    }
    double position = (sorted.length - 1) * probability;
    int below = (int) position;
    double fraction = position - below;
    if (fraction == 0) {
      return sorted[below]; // also if the next value does not exist or is infinite
    }
    return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
  }
}
