package dev.plumbline.tensor.kernel;

import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Kernels on the Vector API. {@code reduceLanes(ADD)} and {@code lanewise(EXP)} are not used, as
 * they differ between the interpreter and compiled code.
 *
 * <p>One species throughout: a second one in the same process makes the calls inside the Vector API
 * polymorphic, and every operation then allocates (measured: attention four times slower). Only
 * {@link #productOfPairs} looks at the same vectors as integers, which costs the other kernels up
 * to a sixth of their speed, in processes that use a model in its files.
 *
 * <p>The product keeps four rows of C by four vectors in registers: sixteen accumulators hide the
 * latency of the multiply-add, and each loaded vector of B serves four rows. With 512-bit vectors
 * this runs at 98 % of the processor's peak on one core, where OpenBLAS's AVX2 kernels reach 86 %
 * (docs/performance.md). With 256-bit vectors there are only sixteen registers, so the tile is four
 * rows by two vectors.
 */
final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int LANES_2 = 2 * LANES;
  private static final int LANES_3 = 3 * LANES;
  private static final int LANES_4 = 4 * LANES;
  private static final int UPPER = 0xFFFF0000;
  private static final boolean WIDE = LANES >= 16; // 32 registers
  private static final int PANEL = WIDE ? LANES_4 : LANES_2;

  /** FIRST[n] has the first n lanes set; {@code indexInRange} builds its mask anew on each call. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static final VectorMask<Float>[] FIRST =
      IntStream.range(0, LANES)
          .mapToObj(n -> SPECIES.indexInRange(0, n))
          .toArray(VectorMask[]::new);

  /** Lane i meets lane i + LANES / 2, then i + LANES / 4, down to its neighbour. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static final VectorShuffle<Float>[] FOLDS =
      IntStream.iterate(LANES / 2, width -> width > 0, width -> width / 2)
          .mapToObj(width -> VectorShuffle.fromOp(SPECIES, i -> (i + width) % LANES))
          .toArray(VectorShuffle[]::new);

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
          case 4 -> four4(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
          case 3 -> four3(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
          case 2 -> four2(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
          default -> four1(k, a, ai, aRow, aColumn, b, bj, bRow, c, ci, cRow, accumulate);
        }
      }
      for (; i < m; i++) {
        int ai = aFrom + i * aRow;
        int ci = cj + i * cRow;
        switch (vectors) {
          case 4 -> one4(k, a, ai, aColumn, b, bj, bRow, LANES, c, ci, accumulate);
          case 3 -> one3(k, a, ai, aColumn, b, bj, bRow, LANES, c, ci, accumulate);
          case 2 -> one2(k, a, ai, aColumn, b, bj, bRow, LANES, c, ci, accumulate);
          default -> one1(k, a, ai, aColumn, b, bj, bRow, c, ci, accumulate);
        }
      }
    }
  }

  @Override
  public void rowByBlocks(
      int n, int k, float[] a, int aFrom, float[] b, int bFrom, float[] c, int cFrom) {
    if (LANES != ALIGN) { // a block is two vectors here
      for (int j = 0; j < n; j += ALIGN) {
        one2(k, a, aFrom, 1, b, bFrom + j * k, ALIGN, LANES, c, cFrom + j, false);
      }
      return;
    }
    int block = k * LANES;
    for (int j = 0; j < n; j += LANES_4) {
      int at = bFrom + j * k;
      int to = cFrom + j;
      switch (Math.min(LANES_4, n - j + LANES - 1) / LANES) {
        case 4 -> one4(k, a, aFrom, 1, b, at, LANES, block, c, to, false);
        case 3 -> one3(k, a, aFrom, 1, b, at, LANES, block, c, to, false);
        case 2 -> one2(k, a, aFrom, 1, b, at, LANES, block, c, to, false);
        default -> one1(k, a, aFrom, 1, b, at, LANES, c, to, false);
      }
    }
  }

  /** Four rows by four vectors. */
  private static void four4(
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

  /** Four rows by three vectors. */
  private static void four3(
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

  /** Four rows by two vectors. */
  private static void four2(
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

  /** Four rows by one vector. */
  private static void four1(
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

  /** One row by four vectors. */
  private static void one4(
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

  /** One row by three vectors. */
  private static void one3(
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

  /** One row by two vectors. */
  private static void one2(
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

  /** One row by one vector. */
  private static void one1(
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
    int byFour = n / 4 * 4;
    float[] lanes = new float[LANES];
    int i = 0;
    for (; i <= m - 4; i += 4) {
      for (int j = 0; j < byFour; j += 4) {
        int ci = cFrom + i * cRow + j;
        pairs4By4(
            lanes,
            k,
            a,
            aFrom + i * aRow,
            aRow,
            b,
            bFrom + j * bRow,
            bRow,
            c,
            ci,
            cRow,
            accumulate);
      }
    }
    for (; i < m; i++) {
      for (int j = 0; j < byFour; j += 4) {
        int ci = cFrom + i * cRow + j;
        pairs1By4(lanes, k, a, aFrom + i * aRow, b, bFrom + j * bRow, bRow, c, ci, accumulate);
      }
    }
    for (int j = byFour; j < n; j++) {
      for (i = 0; i < m; i++) {
        int ci = cFrom + i * cRow + j;
        onePair(lanes, k, a, aFrom + i * aRow, b, bFrom + j * bRow, c, ci, accumulate);
      }
    }
  }

  /** Two bfloat16 each. */
  private static IntVector words(float[] pairs, int at) {
    return FloatVector.fromArray(SPECIES, pairs, at).reinterpretAsInts();
  }

  /** The lower ones; a bfloat16 is the upper half of a float32. */
  private static FloatVector lower(IntVector words) {
    return words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** The upper ones. */
  private static FloatVector upper(IntVector words) {
    return words.lanewise(VectorOperators.AND, UPPER).reinterpretAsFloats();
  }

  /** Four rows of A by four of B. */
  private static void pairs4By4(
      float[] lanes,
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
    finish(lanes, s00, whole, half, a, aFrom, b, bFrom, c, cFrom, accumulate);
    finish(lanes, s01, whole, half, a, aFrom, b, bFrom + bRow, c, cFrom + 1, accumulate);
    finish(lanes, s02, whole, half, a, aFrom, b, bFrom + 2 * bRow, c, cFrom + 2, accumulate);
    finish(lanes, s03, whole, half, a, aFrom, b, bFrom + 3 * bRow, c, cFrom + 3, accumulate);
    finish(lanes, s10, whole, half, a, aFrom + aRow, b, bFrom, c, cFrom + cRow, accumulate);
    finish(
        lanes, s11, whole, half, a, aFrom + aRow, b, bFrom + bRow, c, cFrom + cRow + 1, accumulate);
    finish(
        lanes,
        s12,
        whole,
        half,
        a,
        aFrom + aRow,
        b,
        bFrom + 2 * bRow,
        c,
        cFrom + cRow + 2,
        accumulate);
    finish(
        lanes,
        s13,
        whole,
        half,
        a,
        aFrom + aRow,
        b,
        bFrom + 3 * bRow,
        c,
        cFrom + cRow + 3,
        accumulate);
    finish(lanes, s20, whole, half, a, aFrom + 2 * aRow, b, bFrom, c, cFrom + 2 * cRow, accumulate);
    finish(
        lanes,
        s21,
        whole,
        half,
        a,
        aFrom + 2 * aRow,
        b,
        bFrom + bRow,
        c,
        cFrom + 2 * cRow + 1,
        accumulate);
    finish(
        lanes,
        s22,
        whole,
        half,
        a,
        aFrom + 2 * aRow,
        b,
        bFrom + 2 * bRow,
        c,
        cFrom + 2 * cRow + 2,
        accumulate);
    finish(
        lanes,
        s23,
        whole,
        half,
        a,
        aFrom + 2 * aRow,
        b,
        bFrom + 3 * bRow,
        c,
        cFrom + 2 * cRow + 3,
        accumulate);
    finish(lanes, s30, whole, half, a, aFrom + 3 * aRow, b, bFrom, c, cFrom + 3 * cRow, accumulate);
    finish(
        lanes,
        s31,
        whole,
        half,
        a,
        aFrom + 3 * aRow,
        b,
        bFrom + bRow,
        c,
        cFrom + 3 * cRow + 1,
        accumulate);
    finish(
        lanes,
        s32,
        whole,
        half,
        a,
        aFrom + 3 * aRow,
        b,
        bFrom + 2 * bRow,
        c,
        cFrom + 3 * cRow + 2,
        accumulate);
    finish(
        lanes,
        s33,
        whole,
        half,
        a,
        aFrom + 3 * aRow,
        b,
        bFrom + 3 * bRow,
        c,
        cFrom + 3 * cRow + 3,
        accumulate);
  }

  /** One row of A by four of B. */
  private static void pairs1By4(
      float[] lanes,
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
    finish(lanes, s0, whole, half, a, aFrom, b, bFrom, c, cFrom, accumulate);
    finish(lanes, s1, whole, half, a, aFrom, b, bFrom + bRow, c, cFrom + 1, accumulate);
    finish(lanes, s2, whole, half, a, aFrom, b, bFrom + 2 * bRow, c, cFrom + 2, accumulate);
    finish(lanes, s3, whole, half, a, aFrom, b, bFrom + 3 * bRow, c, cFrom + 3, accumulate);
  }

  /** One row of A by one of B. */
  private static void onePair(
      float[] lanes,
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
    finish(lanes, s0, whole, half, a, aFrom, b, bFrom, c, cFrom, accumulate);
  }

  /** The lanes of a sum, then what did not fill a vector. */
  private static void finish(
      float[] lanes,
      FloatVector sum,
      int from,
      int half,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] c,
      int to,
      boolean accumulate) {
    sum.intoArray(lanes, 0);
    for (int width = LANES / 2; width > 0; width /= 2) { // as sumLanes, faster from memory
      for (int i = 0; i < width; i++) {
        lanes[i] += lanes[i + width];
      }
    }
    float result = lanes[0];
    for (int p = from; p < half; p++) {
      int both = Float.floatToRawIntBits(b[bFrom + p]);
      result = Math.fma(a[aFrom + p], Float.intBitsToFloat(both << 16), result);
      result = Math.fma(a[aFrom + half + p], Float.intBitsToFloat(both & UPPER), result);
    }
    c[to] = accumulate ? c[to] + result : result;
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES_2; i += LANES_2) {
      sum0 =
          FloatVector.fromArray(SPECIES, a, aFrom + i)
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + i), sum0);
      sum1 =
          FloatVector.fromArray(SPECIES, a, aFrom + i + LANES)
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + i + LANES), sum1);
    }
    for (; i <= n - LANES; i += LANES) {
      sum0 =
          FloatVector.fromArray(SPECIES, a, aFrom + i)
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + i), sum0);
    }
    float result = sumLanes(sum0.add(sum1));
    for (; i < n; i++) {
      result = Math.fma(a[aFrom + i], b[bFrom + i], result);
    }
    return result;
  }

  @Override
  public float max(float[] a, int from, int n) {
    float result = Float.NEGATIVE_INFINITY;
    int i = 0;
    if (n >= LANES) {
      FloatVector best = FloatVector.fromArray(SPECIES, a, from);
      for (i = LANES; i <= n - LANES; i += LANES) {
        best = best.max(FloatVector.fromArray(SPECIES, a, from + i));
      }
      result = best.reduceLanes(VectorOperators.MAX);
    }
    for (; i < n; i++) {
      result = Math.max(result, a[from + i]);
    }
    return result;
  }

  @Override
  public float expSum(float[] a, int from, int n, float scale, float shift) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i).mul(scale).sub(shift));
      e.intoArray(a, from + i);
      sum = sum.add(e);
    }
    float result = sumLanes(sum);
    if (i < n) {
      VectorMask<Float> mask = FIRST[n - i];
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i, mask).mul(scale).sub(shift));
      e.intoArray(a, from + i, mask);
      result += sumLanes(FloatVector.zero(SPECIES).blend(e, mask));
    }
    return result;
  }

  @Override
  public void scale(float[] a, int from, int n, float factor) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, from + i).mul(factor).intoArray(a, from + i);
    }
    for (; i < n; i++) {
      a[from + i] *= factor;
    }
  }

  @Override
  public void axpy(float factor, float[] x, int xFrom, float[] y, int yFrom, int n) {
    FloatVector f = FloatVector.broadcast(SPECIES, factor);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .fma(f, FloatVector.fromArray(SPECIES, y, yFrom + i))
          .intoArray(y, yFrom + i);
    }
    for (; i < n; i++) {
      y[yFrom + i] = Math.fma(x[xFrom + i], factor, y[yFrom + i]);
    }
  }

  @Override
  public void scaleBy(
      float[] x, int xFrom, float factor, float[] gain, float[] out, int outFrom, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .mul(factor)
          .mul(FloatVector.fromArray(SPECIES, gain, i))
          .intoArray(out, outFrom + i);
    }
    for (; i < n; i++) {
      out[outFrom + i] = x[xFrom + i] * factor * gain[i];
    }
  }

  @Override
  public void rmsNormGradient(
      float[] x, int xFrom, float[] dy, int dyFrom, float[] gain, float[] gainSum, float r, int n) {
    int i = 0;
    FloatVector sum = FloatVector.zero(SPECIES);
    for (; i <= n - LANES; i += LANES) {
      FloatVector xi = FloatVector.fromArray(SPECIES, x, xFrom + i);
      FloatVector g = FloatVector.fromArray(SPECIES, dy, dyFrom + i);
      g.mul(xi)
          .fma(FloatVector.broadcast(SPECIES, r), FloatVector.fromArray(SPECIES, gainSum, i))
          .intoArray(gainSum, i);
      g = g.mul(FloatVector.fromArray(SPECIES, gain, i));
      g.intoArray(dy, dyFrom + i);
      sum = g.fma(xi, sum);
    }
    float inner = sumLanes(sum);
    for (; i < n; i++) {
      float xi = x[xFrom + i];
      float g = dy[dyFrom + i];
      gainSum[i] = Math.fma(g * xi, r, gainSum[i]);
      dy[dyFrom + i] = g * gain[i];
      inner = Math.fma(dy[dyFrom + i], xi, inner);
    }
    inner = inner * r * r * r / n;
    for (i = 0; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, dy, dyFrom + i)
          .mul(r)
          .sub(FloatVector.fromArray(SPECIES, x, xFrom + i).mul(inner))
          .intoArray(dy, dyFrom + i);
    }
    for (; i < n; i++) {
      dy[dyFrom + i] = dy[dyFrom + i] * r - x[xFrom + i] * inner;
    }
  }

  @Override
  public void swiGlu(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] out, int outFrom, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i);
      g.mul(sigmoid(g))
          .mul(FloatVector.fromArray(SPECIES, up, upFrom + i))
          .intoArray(out, outFrom + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FIRST[n - i];
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i, mask);
      g.mul(sigmoid(g))
          .mul(FloatVector.fromArray(SPECIES, up, upFrom + i, mask))
          .intoArray(out, outFrom + i, mask);
    }
  }

  @Override
  public void swiGluGradient(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] dOut, int dOutFrom, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i);
      FloatVector u = FloatVector.fromArray(SPECIES, up, upFrom + i);
      FloatVector d = FloatVector.fromArray(SPECIES, dOut, dOutFrom + i);
      FloatVector s = sigmoid(g);
      d.mul(g.mul(s)).intoArray(up, upFrom + i);
      d.mul(u).mul(siluSlope(g, s)).intoArray(gate, gateFrom + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FIRST[n - i];
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i, mask);
      FloatVector u = FloatVector.fromArray(SPECIES, up, upFrom + i, mask);
      FloatVector d = FloatVector.fromArray(SPECIES, dOut, dOutFrom + i, mask);
      FloatVector s = sigmoid(g);
      d.mul(g.mul(s)).intoArray(up, upFrom + i, mask);
      d.mul(u).mul(siluSlope(g, s)).intoArray(gate, gateFrom + i, mask);
    }
  }

  /** silu'(g) = s (1 + g (1 - s)). */
  private static FloatVector siluSlope(FloatVector g, FloatVector s) {
    return s.mul(g.mul(FloatVector.broadcast(SPECIES, 1f).sub(s)).add(1f));
  }

  @Override
  public float softmax(float[] a, int from, int n, int end, float scale) {
    int whole = n / LANES * LANES;
    VectorMask<Float> tail = FIRST[n - whole];
    FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector best = lowest;
    for (int i = 0; i < whole; i += LANES) {
      best = best.max(FloatVector.fromArray(SPECIES, a, from + i));
    }
    if (whole < n) {
      best = best.max(lowest.blend(FloatVector.fromArray(SPECIES, a, from + whole), tail));
    }
    float max = best.reduceLanes(VectorOperators.MAX) * scale;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector sums = zero;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i).mul(scale).sub(max));
      e.intoArray(a, from + i);
      sums = sums.add(e);
    }
    if (whole < n) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + whole).mul(scale).sub(max));
      e = zero.blend(e, tail);
      e.intoArray(a, from + whole);
      sums = sums.add(e);
    }
    float sum = sumLanes(sums);
    FloatVector factor = FloatVector.broadcast(SPECIES, 1 / sum);
    int i = 0;
    for (; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, a, from + i).mul(factor).intoArray(a, from + i);
    }
    for (; i < end; i += LANES) {
      zero.intoArray(a, from + i);
    }
    return max + (float) Math.log(sum);
  }

  @Override
  public void softmaxGradient(
      float[] p, float[] d, int from, int n, int end, float scale, float lse, float inner) {
    FloatVector zero = FloatVector.zero(SPECIES);
    int whole = n / LANES * LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, p, from + i).mul(scale).sub(lse));
      e.intoArray(p, from + i);
      FloatVector.fromArray(SPECIES, d, from + i)
          .sub(inner)
          .mul(e)
          .mul(scale)
          .intoArray(d, from + i);
    }
    int i = whole;
    if (i < n) {
      VectorMask<Float> tail = FIRST[n - i];
      FloatVector e = exp(FloatVector.fromArray(SPECIES, p, from + i).mul(scale).sub(lse));
      FloatVector g = FloatVector.fromArray(SPECIES, d, from + i).sub(inner).mul(e).mul(scale);
      zero.blend(e, tail).intoArray(p, from + i);
      zero.blend(g, tail).intoArray(d, from + i);
      i += LANES;
    }
    for (; i < end; i += LANES) {
      zero.intoArray(p, from + i);
      zero.intoArray(d, from + i);
    }
  }

  @Override
  public void turn(
      float[] row,
      int from,
      int heads,
      int headDim,
      float[] cos,
      float[] sin,
      int angles,
      float sign) {
    int half = headDim / 2;
    // The last vector may overlap the one before it: both are computed before either is stored.
    int last = half - LANES;
    boolean overlaps = half >= LANES && half % LANES != 0;
    for (int head = from; head < from + heads * headDim; head += headDim) {
      FloatVector lastA = FloatVector.zero(SPECIES);
      FloatVector lastB = lastA;
      if (overlaps) {
        FloatVector a = FloatVector.fromArray(SPECIES, row, head + last);
        FloatVector b = FloatVector.fromArray(SPECIES, row, head + last + half);
        FloatVector c = FloatVector.fromArray(SPECIES, cos, angles + last);
        FloatVector s = FloatVector.fromArray(SPECIES, sin, angles + last).mul(sign);
        lastA = a.mul(c).sub(b.mul(s));
        lastB = b.mul(c).add(a.mul(s));
      }
      int j = 0;
      for (; j <= last; j += LANES) {
        FloatVector a = FloatVector.fromArray(SPECIES, row, head + j);
        FloatVector b = FloatVector.fromArray(SPECIES, row, head + j + half);
        FloatVector c = FloatVector.fromArray(SPECIES, cos, angles + j);
        FloatVector s = FloatVector.fromArray(SPECIES, sin, angles + j).mul(sign);
        a.mul(c).sub(b.mul(s)).intoArray(row, head + j);
        b.mul(c).add(a.mul(s)).intoArray(row, head + j + half);
      }
      if (overlaps) {
        lastA.intoArray(row, head + last);
        lastB.intoArray(row, head + last + half);
        j = half;
      }
      for (; j < half; j++) {
        float a = row[head + j];
        float b = row[head + j + half];
        float c = cos[angles + j];
        float s = sin[angles + j] * sign;
        row[head + j] = a * c - b * s;
        row[head + j + half] = b * c + a * s;
      }
    }
  }

  @Override
  public void adamW(float[] w, float[] g, float[] m, float[] v, int n, AdamWConstants k) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector grad = FloatVector.fromArray(SPECIES, g, i).mul(k.clip());
      FloatVector first =
          FloatVector.fromArray(SPECIES, m, i).mul(k.beta1()).add(grad.mul(1 - k.beta1()));
      FloatVector second =
          FloatVector.fromArray(SPECIES, v, i)
              .mul(k.beta2())
              .add(grad.mul(1 - k.beta2()).mul(grad));
      first.intoArray(m, i);
      second.intoArray(v, i);
      FloatVector root = second.mul(k.secondScale()).lanewise(VectorOperators.SQRT);
      FloatVector.fromArray(SPECIES, w, i)
          .mul(k.keep())
          .sub(first.mul(k.stepSize()).div(root.add(k.epsilon())))
          .intoArray(w, i);
    }
    ScalarKernels.adamW(w, g, m, v, i, n, k);
  }

  private static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(SPECIES, 1f).div(exp(x.neg()).add(1f));
  }

  /**
   * exp by range reduction to [-ln2/2, ln2/2] and a polynomial of degree 6; relative error below
   * 2e-7.
   */
  private static FloatVector exp(FloatVector value) {
    FloatVector x = value.max(-87.3f).min(88.3f);
    FloatVector magic =
        FloatVector.broadcast(SPECIES, 12582912f); // 1.5 * 2^23: adding it rounds to an integer
    FloatVector shifted = x.fma(FloatVector.broadcast(SPECIES, 1.442695f), magic);
    FloatVector n = shifted.sub(magic);
    FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -0.69314575f), x);
    r = n.fma(FloatVector.broadcast(SPECIES, -1.4286068e-6f), r);
    FloatVector p = FloatVector.broadcast(SPECIES, 0.0013981999f);
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.008333452f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.041665796f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.16666666f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.5f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    return p.reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }

  /** Halves fold onto halves, always in the same order. */
  private static float sumLanes(FloatVector v) {
    FloatVector sum = v;
    for (VectorShuffle<Float> fold : FOLDS) {
      sum = sum.add(sum.rearrange(fold));
    }
    return sum.lane(0);
  }
}
