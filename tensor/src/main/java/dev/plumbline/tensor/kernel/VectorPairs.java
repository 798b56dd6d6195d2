package dev.plumbline.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code C = A B^T} on the Vector API for a B of bfloat16 pairs; see {@link
 * ProductKernels#productOfPairs}. Each entry of C sums products lane by lane, and then adds up the
 * lanes in a fixed order.
 *
 * <p>Only this class reads the vectors as integers. That costs the other kernels up to a sixth of
 * their speed, in processes that use a bfloat16 model in its files.
 */
final class VectorPairs {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int UPPER = 0xFFFF0000;

  /** Rows of A and rows of B in a full tile. */
  private static final int TILE = 4;

  private VectorPairs() {}

  /** See {@link ProductKernels#productOfPairs}. */
  static void product(
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
    int byFour = n / 4 * 4;
    float[] sums = new float[m < TILE ? LANES : TILE * TILE * LANES]; // [row, column, lane]
    int i = 0;
    for (; i <= m - 4; i += 4) {
      for (int j = 0; j < byFour; j += 4) {
        int ci = cFrom + i * cRow + j;
        tile4x4(
            sums, k, a, aFrom + i * aRow, aRow, b, bFrom + j * bRow, bRow, c, ci, cRow, accumulate);
      }
    }
    for (; i < m; i++) {
      for (int j = 0; j < byFour; j += 4) {
        int ci = cFrom + i * cRow + j;
        tile1x4(sums, k, a, aFrom + i * aRow, b, bFrom + j * bRow, bRow, c, ci, accumulate);
      }
    }
    for (int j = byFour; j < n; j++) {
      for (i = 0; i < m; i++) {
        int ci = cFrom + i * cRow + j;
        tile1x1(sums, k, a, aFrom + i * aRow, b, bFrom + j * bRow, c, ci, accumulate);
      }
    }
  }

  /** One vector of words, each of two bfloat16 values. */
  private static IntVector words(float[] pairs, int at) {
    return FloatVector.fromArray(SPECIES, pairs, at).reinterpretAsInts();
  }

  /** The lower values as float32; a bfloat16 is the upper half of a float32. */
  private static FloatVector lower(IntVector words) {
    return words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** The upper values as float32. */
  private static FloatVector upper(IntVector words) {
    return words.lanewise(VectorOperators.AND, UPPER).reinterpretAsFloats();
  }

  /** A tile of C: 4 rows of A by 4 rows of B. */
  private static void tile4x4(
      float[] sums,
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
    int whole = half / LANES * LANES;
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
    for (int p = 0; p < whole; p += LANES) {
      IntVector w0 = words(b, bFrom + p);
      IntVector w1 = words(b, bFrom + bRow + p);
      IntVector w2 = words(b, bFrom + 2 * bRow + p);
      IntVector w3 = words(b, bFrom + 3 * bRow + p);
      FloatVector l0 = lower(w0);
      FloatVector l1 = lower(w1);
      FloatVector l2 = lower(w2);
      FloatVector l3 = lower(w3);
      FloatVector u0 = upper(w0);
      FloatVector u1 = upper(w1);
      FloatVector u2 = upper(w2);
      FloatVector u3 = upper(w3);
      FloatVector x0 = FloatVector.fromArray(SPECIES, a, aFrom + p);
      s00 = x0.fma(l0, s00);
      s01 = x0.fma(l1, s01);
      s02 = x0.fma(l2, s02);
      s03 = x0.fma(l3, s03);
      FloatVector y0 = FloatVector.fromArray(SPECIES, a, aFrom + half + p);
      s00 = y0.fma(u0, s00);
      s01 = y0.fma(u1, s01);
      s02 = y0.fma(u2, s02);
      s03 = y0.fma(u3, s03);
      FloatVector x1 = FloatVector.fromArray(SPECIES, a, aFrom + aRow + p);
      s10 = x1.fma(l0, s10);
      s11 = x1.fma(l1, s11);
      s12 = x1.fma(l2, s12);
      s13 = x1.fma(l3, s13);
      FloatVector y1 = FloatVector.fromArray(SPECIES, a, aFrom + aRow + half + p);
      s10 = y1.fma(u0, s10);
      s11 = y1.fma(u1, s11);
      s12 = y1.fma(u2, s12);
      s13 = y1.fma(u3, s13);
      FloatVector x2 = FloatVector.fromArray(SPECIES, a, aFrom + 2 * aRow + p);
      s20 = x2.fma(l0, s20);
      s21 = x2.fma(l1, s21);
      s22 = x2.fma(l2, s22);
      s23 = x2.fma(l3, s23);
      FloatVector y2 = FloatVector.fromArray(SPECIES, a, aFrom + 2 * aRow + half + p);
      s20 = y2.fma(u0, s20);
      s21 = y2.fma(u1, s21);
      s22 = y2.fma(u2, s22);
      s23 = y2.fma(u3, s23);
      FloatVector x3 = FloatVector.fromArray(SPECIES, a, aFrom + 3 * aRow + p);
      s30 = x3.fma(l0, s30);
      s31 = x3.fma(l1, s31);
      s32 = x3.fma(l2, s32);
      s33 = x3.fma(l3, s33);
      FloatVector y3 = FloatVector.fromArray(SPECIES, a, aFrom + 3 * aRow + half + p);
      s30 = y3.fma(u0, s30);
      s31 = y3.fma(u1, s31);
      s32 = y3.fma(u2, s32);
      s33 = y3.fma(u3, s33);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, LANES);
    s02.intoArray(sums, 2 * LANES);
    s03.intoArray(sums, 3 * LANES);
    s10.intoArray(sums, 4 * LANES);
    s11.intoArray(sums, 5 * LANES);
    s12.intoArray(sums, 6 * LANES);
    s13.intoArray(sums, 7 * LANES);
    s20.intoArray(sums, 8 * LANES);
    s21.intoArray(sums, 9 * LANES);
    s22.intoArray(sums, 10 * LANES);
    s23.intoArray(sums, 11 * LANES);
    s30.intoArray(sums, 12 * LANES);
    s31.intoArray(sums, 13 * LANES);
    s32.intoArray(sums, 14 * LANES);
    s33.intoArray(sums, 15 * LANES);
    for (int i = 0; i < TILE; i++) {
      for (int j = 0; j < TILE; j++) {
        int sum = (i * TILE + j) * LANES;
        int ai = aFrom + i * aRow;
        finish(
            sums,
            sum,
            whole,
            half,
            a,
            ai,
            b,
            bFrom + j * bRow,
            c,
            cFrom + i * cRow + j,
            accumulate);
      }
    }
  }

  /** A tile of C: 1 row of A by 4 rows of B. */
  private static void tile1x4(
      float[] sums,
      int k,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      int bRow,
      float[] c,
      int cFrom,
      boolean accumulate) {
    int half = k / 2;
    int whole = half / LANES * LANES;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s0 = zero;
    FloatVector s1 = zero;
    FloatVector s2 = zero;
    FloatVector s3 = zero;
    for (int p = 0; p < whole; p += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, aFrom + p);
      FloatVector y = FloatVector.fromArray(SPECIES, a, aFrom + half + p);
      IntVector w0 = words(b, bFrom + p);
      s0 = y.fma(upper(w0), x.fma(lower(w0), s0));
      IntVector w1 = words(b, bFrom + bRow + p);
      s1 = y.fma(upper(w1), x.fma(lower(w1), s1));
      IntVector w2 = words(b, bFrom + 2 * bRow + p);
      s2 = y.fma(upper(w2), x.fma(lower(w2), s2));
      IntVector w3 = words(b, bFrom + 3 * bRow + p);
      s3 = y.fma(upper(w3), x.fma(lower(w3), s3));
    }
    s0.intoArray(sums, 0);
    finish(sums, 0, whole, half, a, aFrom, b, bFrom, c, cFrom, accumulate);
    s1.intoArray(sums, 0);
    finish(sums, 0, whole, half, a, aFrom, b, bFrom + bRow, c, cFrom + 1, accumulate);
    s2.intoArray(sums, 0);
    finish(sums, 0, whole, half, a, aFrom, b, bFrom + 2 * bRow, c, cFrom + 2, accumulate);
    s3.intoArray(sums, 0);
    finish(sums, 0, whole, half, a, aFrom, b, bFrom + 3 * bRow, c, cFrom + 3, accumulate);
  }

  /** One entry of C: 1 row of A by 1 row of B. */
  private static void tile1x1(
      float[] sums,
      int k,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] c,
      int cFrom,
      boolean accumulate) {
    int half = k / 2;
    int whole = half / LANES * LANES;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s0 = zero;
    for (int p = 0; p < whole; p += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, a, aFrom + p);
      FloatVector y = FloatVector.fromArray(SPECIES, a, aFrom + half + p);
      IntVector w0 = words(b, bFrom + p);
      s0 = y.fma(upper(w0), x.fma(lower(w0), s0));
    }
    s0.intoArray(sums, 0);
    finish(sums, 0, whole, half, a, aFrom, b, bFrom, c, cFrom, accumulate);
  }

  /**
   * Completes one entry of C: adds up the lanes of its sum, then the columns that do not fill a
   * vector. Folding in memory is faster here than with shuffles.
   *
   * @param at where the lanes of the sum start
   */
  private static void finish(
      float[] sums,
      int at,
      int whole,
      int half,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] c,
      int cAt,
      boolean accumulate) {
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int i = at; i < at + width; i++) {
        sums[i] += sums[i + width];
      }
    }
    float result = sums[at];
    for (int p = whole; p < half; p++) {
      int both = Float.floatToRawIntBits(b[bFrom + p]);
      result = Math.fma(a[aFrom + p], Float.intBitsToFloat(both << 16), result);
      result = Math.fma(a[aFrom + half + p], Float.intBitsToFloat(both & UPPER), result);
    }
    c[cAt] = accumulate ? c[cAt] + result : result;
  }
}
