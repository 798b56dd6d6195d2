package dev.plumbline.alignment.statistics;

/**
 * The unbiased estimate of pass@k, the chance that at least one of k samples is right, from n
 * samples of which c are right.
 *
 * <pre>
 *   pass@k = 1 - C(n - c, k) / C(n, k) = 1 - prod over i = n - c + 1..n of (1 - k/i)
 * </pre>
 *
 * Source: Chen et al. 2021 (arXiv 2107.03374), Eq. 1, as the product of its Figure 3: the binomial
 * coefficients overflow, the factors do not.
 */
public final class PassAtK {
  private PassAtK() {}

  /**
   * The estimate for one question; a benchmark's is the mean over its questions.
   *
   * @param n samples drawn
   * @param c right ones among them
   * @param k samples that a user may try, from 1 to n
   */
  public static double passAtK(int n, int c, int k) {
    if (c < 0 || c > n || k < 1 || k > n) {
      throw new IllegalArgumentException(
          "pass@"
              + k
              + " was asked of "
              + n
              + " samples of which "
              + c
              + " are right; give 0 <= c <= n and 1 <= k <= n.");
    }
    if (n - c < k) {
      return 1; // every choice of k holds a right one
    }
    double noneRight = 1;
    for (int i = n - c + 1; i <= n; i++) {
      noneRight *= 1 - (double) k / i;
    }
    return 1 - noneRight;
  }
}
