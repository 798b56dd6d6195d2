package dev.plumbline.tensor.kernel;

/**
 * A right-hand side [k, n] of a matrix product, which is computed one panel of columns at a time.
 */
public interface RightHandSide {
  /** Rows. */
  int k();

  /** Columns. */
  int n();

  /** Number of panels, as wide as {@link ProductKernels#panel} each. */
  default int count() {
    return (n() + Kernels.PRODUCTS.panel() - 1) / Kernels.PRODUCTS.panel();
  }

  /**
   * A in the column order that {@link #multiplyPanel} needs; A itself where the order is the same.
   *
   * @param m rows of A, {@code stride} floats apart
   */
  default float[] arrange(float[] a, int m, int stride) {
    return a;
  }

  /** Computes one panel's columns of {@code A[m, k] B} and writes them to C, or adds them. */
  void multiplyPanel(
      int panel,
      int m,
      float[] a,
      int aFrom,
      int aRow,
      float[] c,
      int cFrom,
      int cRow,
      boolean accumulate);
}
