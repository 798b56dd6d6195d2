package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * {@code log sum_v exp z[v]} of several rows whose logits arrive block by block. It keeps a running
 * maximum and a running sum (Milakov and Gimelshein 2018, Algorithm 3).
 *
 * @param max largest logit of each row so far
 * @param sum of exp(z - max) so far
 */
record LogSumExp(float[] max, float[] sum) {
  LogSumExp(int rows) {
    this(new float[rows], new float[rows]);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
  }

  /**
   * Adds a block of a row's logits and replaces them by exp(z - max). Returns the factor by which
   * earlier sums of that row must be multiplied, because the maximum may have risen.
   */
  float add(int row, float[] z, int at, int count) {
    float higher = Math.max(max[row], Kernels.ROWS.max(z, at, count));
    float shrunk = (float) Math.exp(max[row] - higher);
    sum[row] *= shrunk;
    sum[row] += Kernels.ROWS.expSum(z, at, count, 1f, higher);
    max[row] = higher;
    return shrunk;
  }

  float of(int row) {
    return max[row] + (float) Math.log(sum[row]);
  }
}
