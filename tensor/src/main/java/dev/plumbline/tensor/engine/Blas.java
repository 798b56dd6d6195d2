package dev.plumbline.tensor.engine;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * Row-major single-precision matrix products straight on OpenBLAS, cut over {@link Workers}.
 * OpenBLAS itself is held to one thread: its own threads against libgomp's cost a factor of 2 to 4.
 */
public final class Blas {
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  /** Below this many weights one thread reads a matrix faster than two can share it. */
  private static final long SPLIT_GEMV_WEIGHTS = 60_000;

  static {
    openblas_nolapack.blas_set_num_threads(1);
  }

  private Blas() {}

  /**
   * {@code C[m,n] = alpha * op(A) op(B) + beta * C} with leading dimensions, offsets in elements.
   */
  public static void gemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float alpha,
      FloatPointer a,
      long aOffset,
      int lda,
      FloatPointer b,
      long bOffset,
      int ldb,
      float beta,
      FloatPointer c,
      long cOffset,
      int ldc) {
    long start = Profile.start();
    openblas.cblas_sgemm(
        ROW_MAJOR,
        transposeA ? TRANSPOSED : PLAIN,
        transposeB ? TRANSPOSED : PLAIN,
        m,
        n,
        k,
        alpha,
        Memory.at(a, aOffset),
        lda,
        Memory.at(b, bOffset),
        ldb,
        beta,
        Memory.at(c, cOffset),
        ldc);
    Profile.blas(start);
  }

  /** {@code y[rows,out] = x[rows,in] W[out,in]^T + beta * y}. */
  public static void linear(
      FloatPointer x, FloatPointer w, FloatPointer y, int rows, int in, int out, float beta) {
    if (rows == 1) {
      gemv(x, w, y, in, out, beta);
    } else if (rows >= 64) {
      Workers.forParts(
          rows,
          8,
          (from, to, worker) ->
              gemm(
                  false,
                  true,
                  to - from,
                  out,
                  in,
                  1f,
                  x,
                  (long) from * in,
                  in,
                  w,
                  0,
                  in,
                  beta,
                  y,
                  (long) from * out,
                  out));
    } else {
      Workers.forParts(
          out,
          16,
          (from, to, worker) ->
              gemm(
                  false,
                  true,
                  rows,
                  to - from,
                  in,
                  1f,
                  x,
                  0,
                  in,
                  w,
                  (long) from * in,
                  in,
                  beta,
                  y,
                  from,
                  out));
    }
  }

  /** {@code dx[rows,in] = dy[rows,out] W[out,in] + beta * dx}. */
  public static void linearInputGradient(
      FloatPointer dy, FloatPointer w, FloatPointer dx, int rows, int in, int out, float beta) {
    Workers.forParts(
        rows,
        8,
        (from, to, worker) ->
            gemm(
                false,
                false,
                to - from,
                in,
                out,
                1f,
                dy,
                (long) from * out,
                out,
                w,
                0,
                in,
                beta,
                dx,
                (long) from * in,
                in));
  }

  /** {@code dW[out,in] = dy[rows,out]^T x[rows,in] + beta * dW}. */
  public static void linearWeightGradient(
      FloatPointer dy, FloatPointer x, FloatPointer dw, int rows, int in, int out, float beta) {
    Workers.forParts(
        out,
        8,
        (from, to, worker) ->
            gemm(
                true,
                false,
                to - from,
                in,
                rows,
                1f,
                dy,
                from,
                out,
                x,
                0,
                in,
                beta,
                dw,
                (long) from * in,
                in));
  }

  private static void gemv(
      FloatPointer x, FloatPointer w, FloatPointer y, int in, int out, float beta) {
    int align = (long) in * out < SPLIT_GEMV_WEIGHTS ? out : 16;
    Workers.forParts(
        out,
        align,
        (from, to, worker) ->
            openblas.cblas_sgemv(
                ROW_MAJOR,
                PLAIN,
                to - from,
                in,
                1f,
                Memory.at(w, (long) from * in),
                in,
                x,
                1,
                beta,
                Memory.at(y, from),
                1));
  }
}
