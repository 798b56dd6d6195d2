package dev.plumbline.tensor.kernel;

/**
 * A right-hand side [k, n] in panels: panel j holds columns {@code [j PANEL, (j + 1) PANEL)} of all
 * rows, row by row.
 */
public record Panels(float[] data, int k, int n) implements RightHandSide {
  private static final int PANEL = Kernels.PRODUCTS.panel();

  /** Rows of k that one sweep over a panel covers: the panel's part stays in the nearest caches. */
  static final int DEPTH = 256;

  /** Floats that a right-hand side needs. */
  public static int size(int k, int n) {
    return Math.multiplyExact((n + PANEL - 1) / PANEL * PANEL, k);
  }

  /** {@code C[m, n] = A[m, k] B}, or added to C; rows of A start {@code aRow} floats apart. */
  public void multiply(
      int m, float[] a, int aFrom, int aRow, float[] c, int cFrom, int cRow, boolean accumulate) {
    for (int panel = 0; panel < count(); panel++) {
      int at = cFrom + panel * PANEL;
      multiplyPanel(panel, m, a, aFrom, aRow, c, at, cRow, accumulate);
    }
  }

  @Override
  public void multiplyPanel(
      int panel,
      int m,
      float[] a,
      int aFrom,
      int aRow,
      float[] c,
      int cFrom,
      int cRow,
      boolean accumulate) {
    long start = Profile.start();
    int width = Math.min(PANEL, n - panel * PANEL);
    for (int p = 0; p < k; p += DEPTH) {
      Kernels.PRODUCTS.product(
          m,
          width,
          Math.min(DEPTH, k - p),
          a,
          aFrom + p,
          aRow,
          1,
          data,
          (panel * k + p) * PANEL,
          PANEL,
          c,
          cFrom,
          cRow,
          accumulate || p > 0);
    }
    Profile.end(Profile.Part.PRODUCT, start);
  }

  /**
   * {@code C[m, n] = A[depth, m]^T B'}, or added to C, with B' the rows {@code [first, first +
   * depth)} of this right-hand side; rows of A are contiguous.
   */
  public void multiplyTransposed(
      int first,
      int depth,
      int m,
      float[] a,
      int aFrom,
      int aRow,
      float[] c,
      int cFrom,
      int cRow,
      boolean accumulate) {
    long start = Profile.start();
    for (int j = 0; j < n; j += PANEL) {
      int width = Math.min(PANEL, n - j);
      for (int p = 0; p < depth; p += DEPTH) {
        Kernels.PRODUCTS.product(
            m,
            width,
            Math.min(DEPTH, depth - p),
            a,
            aFrom + p * aRow,
            1,
            aRow,
            data,
            j * k + (first + p) * PANEL,
            PANEL,
            c,
            cFrom + j,
            cRow,
            accumulate || p > 0);
      }
    }
    Profile.end(Profile.Part.PRODUCT, start);
  }
}
