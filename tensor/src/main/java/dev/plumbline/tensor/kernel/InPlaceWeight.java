package dev.plumbline.tensor.kernel;

/**
 * {@code W^T} of a bfloat16 weight W [out, in] that is read where it is stored, without a copy; in
 * is even. {@link #arrange} puts the even columns of A before the odd ones, as {@link
 * ProductKernels#productOfPairs} needs them. The sum of an entry has the same order for every
 * number of rows m, but not the order that {@link Panels} has.
 */
public record InPlaceWeight(Matrix w) implements RightHandSide {
  private static final int PANEL = Kernels.PRODUCTS.panel();

  /** Rows of W that are read at once: they stay in the nearest caches. */
  private static final int ROWS = 16;

  private static final ThreadLocal<Scratch> ROWS_OF_W = ThreadLocal.withInitial(Scratch::new);

  @Override
  public int k() {
    return w.width();
  }

  @Override
  public int n() {
    return w.rows();
  }

  @Override
  public float[] arrange(float[] a, int m, int stride) {
    float[] arranged = Workers.shared().tile(0, m * stride);
    int half = k() / 2;
    for (int at = 0; at < m * stride; at += stride) {
      for (int j = 0; j < half; j++) {
        arranged[at + j] = a[at + 2 * j];
        arranged[at + half + j] = a[at + 2 * j + 1];
      }
    }
    return arranged;
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
    int end = Math.min(n(), (panel + 1) * PANEL);
    float[] pairs = ROWS_OF_W.get().tile(0, ROWS * k() / 2);
    for (int row = panel * PANEL; row < end; row += ROWS) {
      int rows = Math.min(ROWS, end - row);
      w.pairs(row, row + rows, pairs);
      long start = Profile.start();
      int at = cFrom + row - panel * PANEL;
      Kernels.PRODUCTS.productOfPairs(
          m, rows, k(), a, aFrom, aRow, pairs, 0, k() / 2, c, at, cRow, accumulate);
      Profile.end(Profile.Part.PRODUCT, start);
    }
  }
}
