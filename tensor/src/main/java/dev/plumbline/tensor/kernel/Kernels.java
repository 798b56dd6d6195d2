package dev.plumbline.tensor.kernel;

/**
 * The inner loops of everything that is fast here, on rows of heap tiles. One body is written with
 * the Vector API, the other in plain Java; which one runs is chosen once, when the process starts.
 *
 * <p>Deterministic by construction: lanes are summed in a fixed order, the exponential is our own
 * polynomial in fused multiply-adds, and every entry of a product is one chain of fused
 * multiply-adds over rising k. So a result depends on its own row and column alone, never on the
 * number of rows beside it, on the cut into chunks, or on threads.
 */
public sealed interface Kernels permits VectorKernels, ScalarKernels {
  /**
   * Columns by which rows of tiles are padded: products read and write whole vectors, so that a
   * row's room must be a multiple of this.
   */
  int ALIGN = 16;

  /** System property: {@code false} takes the plain Java body. */
  String VECTOR_PROPERTY = "plumbline.vector";

  /** The body that suits this process. */
  Kernels BEST = Kernels.choose();

  /** Width of a tile row with room for {@code columns}. */
  static int padded(int columns) {
    return (columns + ALIGN - 1) / ALIGN * ALIGN;
  }

  private static Kernels choose() {
    boolean module = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    boolean wanted = Boolean.parseBoolean(System.getProperty(VECTOR_PROPERTY, "true"));
    // Narrower vectors than 256 bits would leave the register tile of the product half empty.
    return module && wanted && VectorKernels.lanes() >= 8
        ? new VectorKernels()
        : new ScalarKernels();
  }

  /** The body in words, for {@code doctor} and {@code bench}. */
  String describe();

  /** Columns of B that one pass of the product keeps in registers; B is fastest in such panels. */
  int panel();

  /**
   * {@code C = A B}, or {@code C += A B}. Entry (i, p) of A stands at {@code aFrom + i aRow + p
   * aColumn}, so that A may be transposed by its strides; rows of B and C are contiguous. Columns
   * up to the next multiple of {@link #ALIGN} are read from B and written to C.
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
   * One row of a product whose right-hand side lies in blocks of {@link #ALIGN} columns: {@code
   * c[n] = a[k] B[k, n]}, column j of row p of B at {@code bFrom + j / ALIGN * k * ALIGN + p *
   * ALIGN + j % ALIGN}. For keys that only one query reads: what is read lies in one run. The
   * result is that of {@link #product} to the bit.
   */
  void rowByBlocks(int n, int k, float[] a, int aFrom, float[] b, int bFrom, float[] c, int cFrom);

  /**
   * {@code C = A B^T}, or {@code C += A B^T}, for a B of bfloat16 as it lies: two values in the
   * bits of each float, the first in the lower half. Rows of A have the entries of even columns
   * first, then those of odd ones, k / 2 each. Each entry of C is a sum in the same order whatever
   * m and n are. Rows of A, B and C are contiguous.
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
   * which lie in the same row's room, become 0. Returns the logarithm of the denominator.
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
   * Turns heads of one row by the angles of a position, in place: components j and j + half of each
   * head (Su et al. 2021, Eq. 34); {@code sign} -1 turns back.
   */
  void turn(
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
   * What one AdamW step is made of, the same for all parameters.
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
