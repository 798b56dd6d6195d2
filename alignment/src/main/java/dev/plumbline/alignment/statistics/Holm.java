package dev.plumbline.alignment.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's step-down correction of several p-values. It controls the probability of any false
 * positive without assuming that the tests are independent. With the m p-values in ascending order:
 *
 * <pre>
 *   adjusted(i) = max over j &lt;= i of min(1, (m - j + 1) p(j)),   i, j = 1..m
 * </pre>
 *
 * Source: Holm 1979.
 */
public final class Holm {
  private Holm() {}

  /**
   * Returns adjusted p-values in the order of {@code p}: a test is significant at a level if its
   * adjusted p is not above the level.
   *
   * @param p p-values from 0 to 1; the array is not changed. NaN marks a test without a result: it
   *     stays NaN and does not count in m.
   */
  public static double[] adjust(double[] p) {
    for (double value : p) {
      if (value < 0 || value > 1) {
        throw new IllegalArgumentException(
            "A p-value must be between 0 and 1, or NaN for a test without a result, but is "
                + value
                + ".");
      }
    }
    int[] ascending =
        IntStream.range(0, p.length)
            .filter(i -> !Double.isNaN(p[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] adjusted = new double[p.length];
    Arrays.fill(adjusted, Double.NaN);
    double highest = 0;
    for (int j = 0; j < ascending.length; j++) {
      highest = Math.max(highest, Math.min(1, (ascending.length - j) * p[ascending[j]]));
      adjusted[ascending[j]] = highest;
    }
    return adjusted;
  }
}
