package dev.plumbline.alignment.statistics;

/**
 * The unbiased estimate of pass@k, the probability that at least one of k samples is correct, from
 * n samples with c correct ones.
 *
 * <pre>
 *   pass@k = 1 - C(n - c, k) / C(n, k) = 1 - prod over i = n - c + 1..n of (1 - k/i)
 * </pre>
 *
 * Source: Chen et al. 2021 (arXiv 2107.03374), Eq. 1, computed as the product in its Figure 3,
 * because the binomial coefficients overflow and the factors do not.
 */
public final class PassAtK {
  private PassAtK() {}

  /**
   * Returns the estimate for one question; the estimate for a benchmark is the mean over its
   * questions.
   *
   * @param n number of samples
   * @param c number of correct samples
   * @param k number of tries, from 1 to n
   */
  public static double passAtK(int n, int c, int k) {
    if (c < 0 || c > n || k < 1 || k > n) {
      throw new IllegalArgumentException(
          "pass@"
              + k
              + " was computed for "
              + n
              + " samples of which "
              + c
              + " are correct; it needs 0 <= c <= n and 1 <= k <= n.");
    }
    if (n - c < k) {
      return 1; // every choice of k contains a correct sample
    }
    double noneRight = 1;
    for (int i = n - c + 1; i <= n; i++) {
      noneRight *= 1 - (double) k / i;
    }
    return 1 - noneRight;
  }
}
