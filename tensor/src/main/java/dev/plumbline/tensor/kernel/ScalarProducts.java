package dev.plumbline.tensor.kernel;

import java.util.Arrays;

/**
 * Matrix products in plain Java, for a process without the Vector API. The loops are written so
 * that the compiler can vectorise them.
 */
final class ScalarProducts implements ProductKernels {
  private static final int PANEL = 64;

  @Override
  public String describe() {
    return "plain Java";
  }

  @Override
  public int panel() {
    return PANEL;
  }

  @Override
  public void product(
      int m,
      int n,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow,
      boolean accumulate) {
    float[] sums = new float[PANEL];
    for (int j = 0; j < n; j += PANEL) {
      int width = Math.min(PANEL, n - j);
      for (int i = 0; i < m; i++) {
        int ci = cFrom + i * cRow + j;
        if (accumulate) {
          System.arraycopy(c, ci, sums, 0, width);
        } else {
          Arrays.fill(sums, 0f);
        }
        for (int p = 0; p < k; p++) {
          addTo(sums, a[aFrom + i * aRow + p * aColumn], b, bFrom + p * bRow + j, width);
        }
        System.arraycopy(sums, 0, c, ci, width);
      }
    }
  }

  @Override
  public void rowByBlocks(
      int n, int k, float[] a, int aFrom, float[] b, int bFrom, float[] c, int cFrom) {
    for (int j = 0; j < n; j += Kernels.ALIGN) {
      product(
          1,
          Kernels.ALIGN,
          k,
          a,
          aFrom,
          k,
          1,
          b,
          bFrom + j * k,
          Kernels.ALIGN,
          c,
          cFrom + j,
          n,
          false);
    }
  }

  @Override
  public void productOfPairs(
      int m,
      int n,
      int k,
      float[] a,
      int aFrom,
      int aRow,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      int cRow,
      boolean accumulate) {
    int half = k / 2;
    for (int i = 0; i < m; i++) {
      int x = aFrom + i * aRow;
      for (int j = 0; j < n; j++) {
        float sum = 0;
        for (int p = 0; p < half; p++) {
          int both = Float.floatToRawIntBits(b[bFrom + j * bRow + p]);
          sum = Math.fma(a[x + p], Float.intBitsToFloat(both << 16), sum);
          sum = Math.fma(a[x + half + p], Float.intBitsToFloat(both & 0xFFFF0000), sum);
        }
        int at = cFrom + i * cRow + j;
        c[at] = accumulate ? c[at] + sum : sum;
      }
    }
  }

  private static void addTo(float[] sums, float factor, float[] b, int from, int n) {
    for (int j = 0; j < n; j++) {
      sums[j] = Math.fma(factor, b[from + j], sums[j]);
    }
  }
}
