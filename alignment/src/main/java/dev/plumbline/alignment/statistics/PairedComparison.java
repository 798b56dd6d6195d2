package dev.plumbline.alignment.statistics;

import dev.plumbline.tensor.random.RandomStream;

/**
 * Comparison of two systems on the same questions.
 *
 * @param onlyFirst questions that only the first solves (b)
 * @param onlySecond questions that only the second solves (c)
 * @param p p-value of McNemar's exact test, two-sided
 * @param difference share of the second system minus share of the first, with the 95 % interval of
 *     a paired bootstrap over questions
 */
public record PairedComparison(int onlyFirst, int onlySecond, double p, Interval difference) {
  /**
   * Compares two systems.
   *
   * @param first by question, the share of the first system's runs that solve it: 1 or 0 for a
   *     single run. A question counts as solved if more than half of the runs solve it
   * @param second the same for the second system
   * @param resamples number of resamples of the bootstrap
   * @param stream random stream of the resamples
   */
  public static PairedComparison of(
      double[] first, double[] second, int resamples, RandomStream stream) {
    int b = 0;
    int c = 0;
    for (int q = 0; q < first.length; q++) {
      boolean one = first[q] > 0.5;
      boolean other = second[q] > 0.5;
      b += one && !other ? 1 : 0;
      c += other && !one ? 1 : 0;
    }
    return new PairedComparison(
        b,
        c,
        Statistics.mcNemarExact(b, c),
        Statistics.pairedBootstrap(first, second, resamples, 0.95, stream));
  }
}
