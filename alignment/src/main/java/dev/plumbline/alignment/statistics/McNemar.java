package dev.plumbline.alignment.statistics;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * McNemar's exact test of two systems on the same questions: under the hypothesis that both are
 * equally good, a question that only one system solved is equally likely to be solved by either.
 *
 * <pre>
 *   p = min(1, 2 P(X &lt;= min(b, c))),   X ~ Binomial(b + c, 1/2)
 * </pre>
 *
 * Source: McNemar 1947 in its exact form.
 *
 * <p>Deviation: only the point probabilities come from Commons Math 3.6.1. Its BinomialTest
 * compares the two tails by {@code ==}: it loses a term if rounding makes them differ (b = 1, c =
 * 58 gives half of the true p) and counts the middle twice (b = c = 5 gives 1.25). Its cumulative
 * probability is 1 minus the other tail, which loses all digits of a p below 1e-16.
 */
public final class McNemar {
  private McNemar() {}

  /**
   * Returns the two-sided p-value; 1 if the systems never differ.
   *
   * @param b questions that only the first system solved
   * @param c questions that only the second system solved
   */
  public static double exact(int b, int c) {
    if (b < 0 || c < 0) {
      throw new IllegalArgumentException(
          "McNemar's test got the counts " + b + " and " + c + "; neither may be negative.");
    }
    // No generator: nothing is sampled from the distribution.
    BinomialDistribution coin = new BinomialDistribution(null, Math.addExact(b, c), 0.5);
    double tail = 0;
    for (int k = 0; k <= Math.min(b, c); k++) {
      tail += coin.probability(k);
    }
    return Math.min(1, 2 * tail); // the middle of b = c would count twice
  }
}
