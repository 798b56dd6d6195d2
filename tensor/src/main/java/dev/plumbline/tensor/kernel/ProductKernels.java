package dev.plumbline.tensor.kernel;

/**
 * Matrix products on heap tiles. Every entry of C is one chain of fused multiply-adds over rising
 * k, so it depends only on its row of A and its column of B. See {@link Kernels}.
 */
public sealed interface ProductKernels permits VectorProducts, ScalarProducts {
  /** The implementation in words, for {@code doctor} and {@code bench}. */
  String describe();

  /** Columns of B that one pass of the product keeps in registers; B is fastest in such panels. */
  int panel();

  /**
   * {@code C = A B}, or {@code C += A B}. Entry (i, p) of A is at {@code aFrom + i aRow + p
   * aColumn}, so the strides may transpose A; rows of B and C are contiguous. Columns up to the
   * next multiple of {@link Kernels#ALIGN} are read from B and written to C.
   *
   * @param m rows of A and C
   * @param n columns of B and C
   * @param k columns of A and rows of B
   */
  void product(
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
      boolean accumulate);

  /**
   * One row of a product whose right-hand side is stored in blocks of {@link Kernels#ALIGN}
   * columns: {@code c[n] = a[k] B[k, n]}, column j of row p of B at {@code bFrom + j / ALIGN * k *
   * ALIGN + p * ALIGN + j % ALIGN}. It serves keys that only one query reads, because the data that
   * it reads is contiguous. The result is bit-identical to that of {@link #product}.
   */
  void rowByBlocks(int n, int k, float[] a, int aFrom, float[] b, int bFrom, float[] c, int cFrom);

  /**
   * {@code C = A B^T}, or {@code C += A B^T}, for a B of bfloat16: two values in the bits of each
   * float, the first in the lower half. Rows of A hold the k / 2 entries of even columns first,
   * then those of odd columns. The sum of each entry of C has the same order for all m and n. Rows
   * of A, B and C are contiguous.
   *
   * @param m rows of A and C
   * @param n rows of B and columns of C
   * @param k columns of A and values of a row of B, an even number
   * @param bRow floats from one row of B to the next
   */
  void productOfPairs(
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
      boolean accumulate);
}
