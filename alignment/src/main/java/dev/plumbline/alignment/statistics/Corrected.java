package dev.plumbline.alignment.statistics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Corrected p-values of all tests of a study. The primary ones are tested in the order in which
 * they were declared, each at the full level, up to the first that is not significant (fixed
 * sequence): with the primary p-values in their order
 *
 * <pre>
 *   adjusted(i) = max over j &lt;= i of p(j)
 * </pre>
 *
 * All others are one family under {@link Holm}'s correction. The error rate is held in the sequence
 * and in the family, not over both together. Source: Maurer, Hothorn and Lehmacher 1995; Westfall
 * and Krishen 2001.
 *
 * @param p adjusted, in the order of the tests; NaN for a test without a result, which does not
 *     count
 * @param levels what each test's own p must fall below now: the level for a primary test; for
 *     another the level over the number of tests of its family that are not significant
 */
public record Corrected(double[] p, double[] levels) {
  /**
   * Corrects p-values.
   *
   * @param p of all tests, NaN for a test without a result
   * @param primary indices of the primary tests in their order
   * @param level such as 0.05; a test is significant below it
   */
  public static Corrected of(double[] p, int[] primary, double level) {
    double[] adjusted = new double[p.length];
    double[] levels = new double[p.length];
    Arrays.fill(levels, level);
    double highest = 0;
    for (int i : primary) {
      highest = Double.isNaN(p[i]) ? highest : Math.max(highest, p[i]);
      adjusted[i] = Double.isNaN(p[i]) ? Double.NaN : highest;
    }
    int[] others =
        IntStream.range(0, p.length)
            .filter(i -> Arrays.stream(primary).noneMatch(own -> own == i))
            .toArray();
    double[] holm = Holm.adjust(Arrays.stream(others).mapToDouble(i -> p[i]).toArray());
    long open = Arrays.stream(holm).filter(own -> own >= level).count();
    for (int i = 0; i < others.length; i++) {
      adjusted[others[i]] = holm[i];
      levels[others[i]] = level / Math.max(1, open);
    }
    return new Corrected(adjusted, levels);
  }
}
