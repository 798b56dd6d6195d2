package dev.plumbline.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Matrix products on the Vector API.
 *
 * <p>One pass keeps a register tile of C: four rows by four vectors. Sixteen accumulators hide the
 * latency of the multiply-add, and each loaded vector of B serves four rows. With 512-bit vectors
 * this runs at 98 % of the processor's peak on one core, where OpenBLAS's AVX2 kernels reach 86 %
 * (docs/performance.md). With 256-bit vectors there are only sixteen registers, so the tile has
 * four rows by two vectors. The tiles differ only in their size. They are written out because the
 * compiler keeps only local variables in registers.
 *
 * <p>All Vector API code of Plumbline uses one species. A second species in the same process makes
 * the calls inside the Vector API polymorphic, and every operation then allocates (measured:
 * attention becomes four times slower).
 */
final class VectorProducts implements ProductKernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int LANES_2 = 2 * LANES;
  private static final int LANES_3 = 3 * LANES;
  private static final int LANES_4 = 4 * LANES;
  private static final boolean WIDE = LANES >= 16; // 32 registers
  private static final int PANEL = WIDE ? LANES_4 : LANES_2;

  /** Floats of one vector. */
  static int lanes() {
    return LANES;
  }

  @Override
  public String describe() {
    return "Vector API, " + SPECIES.vectorBitSize() + " bits";
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
    for (int j = 0; j < n; j += PANEL) {
      int vectors = Math.min(PANEL, n - j + LANES - 1) / LANES;
      int bj = bFrom + j;
      int cj = cFrom + j;
      int i = 0;
      for (; i <= m - 4; i += 4) {
        int ai = aFrom + i * aRow;
        int ci = cj + i * cRow;
        switch (vectors) {
          case 4 -> tile4x4(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
          case 3 -> tile4x3(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
          case 2 -> tile4x2(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
          default -> tile4x1(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
        }
      }
      for (; i < m; i++) {
        int ai = aFrom + i * aRow;
        int ci = cj + i * cRow;
        switch (vectors) {
          case 4 -> row1x4(k, a, ai, aColumn, b, bj, bRow, LANES, c, ci, accumulate);
          case 3 -> row1x3(k, a, ai, aColumn, b, bj, bRow, LANES, c, ci, accumulate);
          case 2 -> row1x2(k, a, ai, aColumn, b, bj, bRow, LANES, c, ci, accumulate);
          default -> row1x1(k, a, ai, aColumn, b, bj, bRow, c, ci, accumulate);
        }
      }
    }
  }

  @Override
  public void rowByBlocks(
      int n, int k, float[] a, int aFrom, float[] b, int bFrom, float[] c, int cFrom) {
    if (LANES != Kernels.ALIGN) { // a block is two vectors here
      for (int j = 0; j < n; j += Kernels.ALIGN) {
        row1x2(k, a, aFrom, 1, b, bFrom + j * k, Kernels.ALIGN, LANES, c, cFrom + j, false);
      }
      return;
    }
    int block = k * LANES;
    for (int j = 0; j < n; j += LANES_4) {
      int at = bFrom + j * k;
      int to = cFrom + j;
      switch (Math.min(LANES_4, n - j + LANES - 1) / LANES) {
        case 4 -> row1x4(k, a, aFrom, 1, b, at, LANES, block, c, to, false);
        case 3 -> row1x3(k, a, aFrom, 1, b, at, LANES, block, c, to, false);
        case 2 -> row1x2(k, a, aFrom, 1, b, at, LANES, block, c, to, false);
        default -> row1x1(k, a, aFrom, 1, b, at, LANES, c, to, false);
      }
    }
  }

  /** A tile of C: 4 rows by 4 vectors. */
  private static void tile4x4(
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
    int c1 = cFrom + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s02 = zero;
    FloatVector s03 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s12 = zero;
    FloatVector s13 = zero;
    FloatVector s20 = zero;
    FloatVector s21 = zero;
    FloatVector s22 = zero;
    FloatVector s23 = zero;
    FloatVector s30 = zero;
    FloatVector s31 = zero;
    FloatVector s32 = zero;
    FloatVector s33 = zero;
    if (accumulate) {
      s00 = FloatVector.fromArray(SPECIES, c, cFrom);
      s01 = FloatVector.fromArray(SPECIES, c, cFrom + LANES);
      s02 = FloatVector.fromArray(SPECIES, c, cFrom + LANES_2);
      s03 = FloatVector.fromArray(SPECIES, c, cFrom + LANES_3);
      s10 = FloatVector.fromArray(SPECIES, c, c1);
      s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
      s12 = FloatVector.fromArray(SPECIES, c, c1 + LANES_2);
      s13 = FloatVector.fromArray(SPECIES, c, c1 + LANES_3);
      s20 = FloatVector.fromArray(SPECIES, c, c2);
      s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
      s22 = FloatVector.fromArray(SPECIES, c, c2 + LANES_2);
      s23 = FloatVector.fromArray(SPECIES, c, c2 + LANES_3);
      s30 = FloatVector.fromArray(SPECIES, c, c3);
      s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
      s32 = FloatVector.fromArray(SPECIES, c, c3 + LANES_2);
      s33 = FloatVector.fromArray(SPECIES, c, c3 + LANES_3);
    }
    int a1 = aFrom + aRow;
    int a2 = a1 + aRow;
    int a3 = a2 + aRow;
    for (int p = 0; p < k; p++) {
      int q = bFrom + p * bRow;
      int o = p * aColumn;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, q);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, q + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, q + LANES_2);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, q + LANES_3);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aFrom + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      s03 = x.fma(b3, s03);
      x = FloatVector.broadcast(SPECIES, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      s13 = x.fma(b3, s13);
      x = FloatVector.broadcast(SPECIES, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      s23 = x.fma(b3, s23);
      x = FloatVector.broadcast(SPECIES, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
      s33 = x.fma(b3, s33);
    }
    s00.intoArray(c, cFrom);
    s01.intoArray(c, cFrom + LANES);
    s02.intoArray(c, cFrom + LANES_2);
    s03.intoArray(c, cFrom + LANES_3);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s12.intoArray(c, c1 + LANES_2);
    s13.intoArray(c, c1 + LANES_3);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s22.intoArray(c, c2 + LANES_2);
    s23.intoArray(c, c2 + LANES_3);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s32.intoArray(c, c3 + LANES_2);
    s33.intoArray(c, c3 + LANES_3);
  }

  /** A tile of C: 4 rows by 3 vectors. */
  private static void tile4x3(
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
    int c1 = cFrom + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s02 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s12 = zero;
    FloatVector s20 = zero;
    FloatVector s21 = zero;
    FloatVector s22 = zero;
    FloatVector s30 = zero;
    FloatVector s31 = zero;
    FloatVector s32 = zero;
    if (accumulate) {
      s00 = FloatVector.fromArray(SPECIES, c, cFrom);
      s01 = FloatVector.fromArray(SPECIES, c, cFrom + LANES);
      s02 = FloatVector.fromArray(SPECIES, c, cFrom + LANES_2);
      s10 = FloatVector.fromArray(SPECIES, c, c1);
      s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
      s12 = FloatVector.fromArray(SPECIES, c, c1 + LANES_2);
      s20 = FloatVector.fromArray(SPECIES, c, c2);
      s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
      s22 = FloatVector.fromArray(SPECIES, c, c2 + LANES_2);
      s30 = FloatVector.fromArray(SPECIES, c, c3);
      s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
      s32 = FloatVector.fromArray(SPECIES, c, c3 + LANES_2);
    }
    int a1 = aFrom + aRow;
    int a2 = a1 + aRow;
    int a3 = a2 + aRow;
    for (int p = 0; p < k; p++) {
      int q = bFrom + p * bRow;
      int o = p * aColumn;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, q);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, q + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, q + LANES_2);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aFrom + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      x = FloatVector.broadcast(SPECIES, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      x = FloatVector.broadcast(SPECIES, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      x = FloatVector.broadcast(SPECIES, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
    }
    s00.intoArray(c, cFrom);
    s01.intoArray(c, cFrom + LANES);
    s02.intoArray(c, cFrom + LANES_2);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s12.intoArray(c, c1 + LANES_2);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s22.intoArray(c, c2 + LANES_2);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s32.intoArray(c, c3 + LANES_2);
  }

  /** A tile of C: 4 rows by 2 vectors. */
  private static void tile4x2(
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
    int c1 = cFrom + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s20 = zero;
    FloatVector s21 = zero;
    FloatVector s30 = zero;
    FloatVector s31 = zero;
    if (accumulate) {
      s00 = FloatVector.fromArray(SPECIES, c, cFrom);
      s01 = FloatVector.fromArray(SPECIES, c, cFrom + LANES);
      s10 = FloatVector.fromArray(SPECIES, c, c1);
      s11 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
      s20 = FloatVector.fromArray(SPECIES, c, c2);
      s21 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
      s30 = FloatVector.fromArray(SPECIES, c, c3);
      s31 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
    }
    int a1 = aFrom + aRow;
    int a2 = a1 + aRow;
    int a3 = a2 + aRow;
    for (int p = 0; p < k; p++) {
      int q = bFrom + p * bRow;
      int o = p * aColumn;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, q);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, q + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aFrom + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(SPECIES, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(SPECIES, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(SPECIES, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
    }
    s00.intoArray(c, cFrom);
    s01.intoArray(c, cFrom + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
  }

  /** A tile of C: 4 rows by 1 vector. */
  private static void tile4x1(
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
    int c1 = cFrom + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s0 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom) : zero;
    FloatVector s1 = accumulate ? FloatVector.fromArray(SPECIES, c, c1) : zero;
    FloatVector s2 = accumulate ? FloatVector.fromArray(SPECIES, c, c2) : zero;
    FloatVector s3 = accumulate ? FloatVector.fromArray(SPECIES, c, c3) : zero;
    int a1 = aFrom + aRow;
    int a2 = a1 + aRow;
    int a3 = a2 + aRow;
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bFrom + p * bRow);
      int o = p * aColumn;
      s0 = FloatVector.broadcast(SPECIES, a[aFrom + o]).fma(b0, s0);
      s1 = FloatVector.broadcast(SPECIES, a[a1 + o]).fma(b0, s1);
      s2 = FloatVector.broadcast(SPECIES, a[a2 + o]).fma(b0, s2);
      s3 = FloatVector.broadcast(SPECIES, a[a3 + o]).fma(b0, s3);
    }
    s0.intoArray(c, cFrom);
    s1.intoArray(c, c1);
    s2.intoArray(c, c2);
    s3.intoArray(c, c3);
  }

  /** A tile of C: 1 row by 4 vectors. */
  private static void row1x4(
      int k,
      float[] a,
      int aFrom,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      int bVector,
      float[] c,
      int cFrom,
      boolean accumulate) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s0 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom) : zero;
    FloatVector s1 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom + LANES) : zero;
    FloatVector s2 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom + LANES_2) : zero;
    FloatVector s3 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom + LANES_3) : zero;
    for (int p = 0; p < k; p++) {
      int q = bFrom + p * bRow;
      FloatVector x = FloatVector.broadcast(SPECIES, a[aFrom + p * aColumn]);
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, q), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, q + bVector), s1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, q + 2 * bVector), s2);
      s3 = x.fma(FloatVector.fromArray(SPECIES, b, q + 3 * bVector), s3);
    }
    s0.intoArray(c, cFrom);
    s1.intoArray(c, cFrom + LANES);
    s2.intoArray(c, cFrom + LANES_2);
    s3.intoArray(c, cFrom + LANES_3);
  }

  /** A tile of C: 1 row by 3 vectors. */
  private static void row1x3(
      int k,
      float[] a,
      int aFrom,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      int bVector,
      float[] c,
      int cFrom,
      boolean accumulate) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s0 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom) : zero;
    FloatVector s1 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom + LANES) : zero;
    FloatVector s2 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom + LANES_2) : zero;
    for (int p = 0; p < k; p++) {
      int q = bFrom + p * bRow;
      FloatVector x = FloatVector.broadcast(SPECIES, a[aFrom + p * aColumn]);
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, q), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, q + bVector), s1);
      s2 = x.fma(FloatVector.fromArray(SPECIES, b, q + 2 * bVector), s2);
    }
    s0.intoArray(c, cFrom);
    s1.intoArray(c, cFrom + LANES);
    s2.intoArray(c, cFrom + LANES_2);
  }

  /** A tile of C: 1 row by 2 vectors. */
  private static void row1x2(
      int k,
      float[] a,
      int aFrom,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      int bVector,
      float[] c,
      int cFrom,
      boolean accumulate) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s0 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom) : zero;
    FloatVector s1 = accumulate ? FloatVector.fromArray(SPECIES, c, cFrom + LANES) : zero;
    for (int p = 0; p < k; p++) {
      int q = bFrom + p * bRow;
      FloatVector x = FloatVector.broadcast(SPECIES, a[aFrom + p * aColumn]);
      s0 = x.fma(FloatVector.fromArray(SPECIES, b, q), s0);
      s1 = x.fma(FloatVector.fromArray(SPECIES, b, q + bVector), s1);
    }
    s0.intoArray(c, cFrom);
    s1.intoArray(c, cFrom + LANES);
  }

  /** A tile of C: 1 row by 1 vector. */
  private static void row1x1(
      int k,
      float[] a,
      int aFrom,
      int aColumn,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      boolean accumulate) {
    FloatVector s =
        accumulate ? FloatVector.fromArray(SPECIES, c, cFrom) : FloatVector.zero(SPECIES);
    for (int p = 0; p < k; p++) {
      s =
          FloatVector.broadcast(SPECIES, a[aFrom + p * aColumn])
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + p * bRow), s);
    }
    s.intoArray(c, cFrom);
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
    VectorPairs.product(m, n, k, a, aFrom, aRow, b, bFrom, bRow, c, cFrom, cRow, accumulate);
  }
}
