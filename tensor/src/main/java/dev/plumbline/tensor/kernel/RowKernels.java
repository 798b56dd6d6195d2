package dev.plumbline.tensor.kernel;

/**
 * Elementwise formulas, sums and softmax over single rows of heap tiles. Lanes are summed in a
 * fixed order, and the exponential is our own polynomial in fused multiply-adds. See {@link
 * Kernels}.
 */
public sealed interface RowKernels permits VectorRows, ScalarRows {
  /** Sum of {@code a[i] * b[i]}. */
  float dot(float[] a, int aFrom, float[] b, int bFrom, int n);

  /** Largest value, negative infinity for an empty row. */
  float max(float[] a, int from, int n);

  /** {@code a = exp(a * scale - shift)} in place; returns the sum. */
  float expSum(float[] a, int from, int n, float scale, float shift);

  /** {@code a *= factor} in place. */
  void scale(float[] a, int from, int n, float factor);

  /** {@code y += factor * x}. */
  void axpy(float factor, float[] x, int xFrom, float[] y, int yFrom, int n);

  /** {@code out = x * factor * gain}, the last step of an RMS norm. */
  void scaleBy(float[] x, int xFrom, float factor, float[] gain, float[] out, int outFrom, int n);

  /**
   * Gradient of an RMS norm's row: {@code dx = dy gain r - x inner} in place of dy, and {@code
   * gainSum += dy x r}, where {@code inner = r^3 mean(dy gain x)}.
   */
  void rmsNormGradient(
      float[] x, int xFrom, float[] dy, int dyFrom, float[] gain, float[] gainSum, float r, int n);

  /** {@code out = silu(gate) * up}. */
  void swiGlu(float[] gate, int gateFrom, float[] up, int upFrom, float[] out, int outFrom, int n);

  /** Gradient of {@link #swiGlu}, in place: gate becomes dGate, up becomes dUp. */
  void swiGluGradient(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] dOut, int dOutFrom, int n);

  /**
   * Softmax of {@code scale a} in place over the first n entries; those from n up to {@code end},
   * which belong to the padding of the row, become 0. Returns the logarithm of the denominator.
   */
  float softmax(float[] a, int from, int n, int end, float scale);

  /**
   * From raw scores s in p and the gradient of the probabilities in d, in place: {@code p =
   * exp(scale s - lse)} and {@code d = p (d - inner) scale}; entries from n up to {@code end}
   * become 0 in both.
   */
  void softmaxGradient(
      float[] p, float[] d, int from, int n, int end, float scale, float lse, float inner);

  /**
   * Rotates the heads of one row by the angles of a position, in place: components j and j + half
   * of each head (Su et al. 2021, Eq. 34); {@code sign} -1 rotates back.
   */
  void rotate(
      float[] row,
      int from,
      int heads,
      int headDim,
      float[] cos,
      float[] sin,
      int angles,
      float sign);

  /** One AdamW update of a run of parameters, in place; see {@code AdamW}. */
  void adamW(float[] w, float[] g, float[] m, float[] v, int n, AdamWConstants constants);

  /** Sum of squares in double precision, four partial sums added in a fixed order. */
  default double squares(float[] a, int from, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = from;
    for (; i <= from + n - 4; i += 4) {
      s0 += (double) a[i] * a[i];
      s1 += (double) a[i + 1] * a[i + 1];
      s2 += (double) a[i + 2] * a[i + 2];
      s3 += (double) a[i + 3] * a[i + 3];
    }
    for (; i < from + n; i++) {
      s0 += (double) a[i] * a[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /**
   * Constants of one AdamW step, the same for all parameters.
   *
   * @param clip factor on every gradient
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param keep {@code 1 - rate * weightDecay}
   * @param stepSize {@code rate / (1 - beta1^t)}
   * @param secondScale {@code 1 / (1 - beta2^t)}
   * @param epsilon added to the root of the second moment
   */
  record AdamWConstants(
      float clip,
      float beta1,
      float beta2,
      float keep,
      float stepSize,
      float secondScale,
      float epsilon) {}
}
