package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Products.WeightGradient;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * A low-rank adapter beside a linear layer (Hu et al. 2021, arXiv 2106.09685, Eq. 3):
 *
 * <pre>
 *   z = y + s (x A^T) B^T
 * </pre>
 *
 * <p>Shapes: y, z [n, out]; x [n, in]; A [r, in]; B [out, r]. Neither the product B A nor a
 * gradient of its size is ever computed, and only the inputs are kept for the backward pass.
 */
public final class LoraLinear {
  private static final int CHUNK = Products.CHUNK;

  // Tiles of a worker's scratch space.
  private static final int X = Scratch.FREE;
  private static final int LOW = Scratch.FREE + 1;
  private static final int Y = Scratch.FREE + 2;

  // Tiles of the shared scratch space; 0 and 1 hold the packed A and B.
  private static final int A_PLAIN = 2;
  private static final int ALL_LOW = 3; // s x A^T of all rows
  private static final int ALL_D_LOW = 4;
  private static final int PACKED = 5; // and the next

  private LoraLinear() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd, SDVariable y, SDVariable x, SDVariable a, SDVariable b, double scale) {
    SDVariable low = new Mmul(sd, x, a, false, true, false).outputVariable(); // [n, r]
    SDVariable high = new Mmul(sd, low, b, false, true, false).outputVariable(); // [n, out]
    return y.add(high.mul(scale));
  }

  /** Fused body. Inputs y, x, A, B. Floating-point argument: s. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable y, SDVariable x, SDVariable a, SDVariable b, double scale) {
      super(sd, y, x, a, b);
      addTArgument(scale);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int width = (int) in[1].size(1);
      int outWidth = (int) in[0].size(1);
      int rank = (int) in[2].size(0);
      int stride = Kernels.padded(outWidth);
      FloatBuffer y = Memory.view(in[0]);
      FloatBuffer x = Memory.view(in[1]);
      FloatBuffer z = Memory.view(out[0]);
      float scale = (float) floatArgument(0);
      Panels[] ab = Linear.transposed(in[2], in[3]);
      Workers.forChunks(
          (int) in[0].size(0),
          CHUNK,
          (from, to, worker) -> {
            Scratch scratch = Workers.scratch(worker);
            float[] low = scratch.tile(LOW, CHUNK * Kernels.padded(rank));
            float[] ys = scratch.tile(Y, CHUNK * stride);
            low(x, from, to, width, ab[0], scale, low, 0, scratch);
            Products.load(y, outWidth, from, to, ys);
            ab[1].multiply(to - from, low, 0, Kernels.padded(rank), ys, 0, stride, true);
            Products.store(z, outWidth, from, to, ys);
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      SDVariable[] outputs =
          new Backward(sameDiff, arg(1), arg(2), arg(3), gradients.get(0), floatArgument(0))
              .outputVariables();
      List<SDVariable> result = new ArrayList<>(List.of(handOn(gradients.get(0))));
      result.addAll(Arrays.asList(outputs));
      return result;
    }
  }

  /** {@code s x A^T} of rows {@code [from, to)}. */
  private static void low(
      FloatBuffer x,
      int from,
      int to,
      int width,
      Panels a,
      float scale,
      float[] low,
      int at,
      Scratch scratch) {
    int stride = Kernels.padded(width);
    int rank = Kernels.padded(a.n());
    float[] xs = scratch.tile(X, CHUNK * stride);
    Products.load(x, width, from, to, xs);
    a.multiply(to - from, xs, 0, stride, low, at, rank, false);
    Kernels.ROWS.scale(low, at, (to - from) * rank, scale);
  }

  /**
   * With {@code l = s x A^T} and {@code dl = s dz B}: {@code dx = dl A, dA = dl^T x, dB = dz^T l}.
   * Inputs x, A, B, dz; outputs dx, dA, dB.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable x, SDVariable a, SDVariable b, SDVariable dz, double scale) {
      super(sd, x, a, b, dz);
      addTArgument(scale);
    }

    @Override
    public int getNumOutputs() {
      return 3;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], in[1], in[2]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      int outWidth = (int) in[3].size(1);
      int rank = (int) in[1].size(0);
      int low = Kernels.padded(rank);
      int stride = Kernels.padded(width);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer dz = Memory.view(in[3]);
      FloatBuffer dx = Memory.view(out[0]);
      float scale = (float) floatArgument(0);
      Scratch shared = Workers.shared();
      Panels down = Products.transposed(Matrix.of(in[1]), shared.tile(0, Panels.size(width, rank)));
      Panels b = Products.plain(Matrix.of(in[2]), shared.tile(1, Panels.size(outWidth, rank)));
      Panels a = Products.plain(Matrix.of(in[1]), shared.tile(A_PLAIN, Panels.size(rank, width)));
      float[] l = shared.tile(ALL_LOW, n * low);
      float[] dl = shared.tile(ALL_D_LOW, n * low);
      Workers.forChunks(
          n,
          CHUNK,
          (from, to, worker) -> {
            Scratch scratch = Workers.scratch(worker);
            int rows = to - from;
            float[] dzs = scratch.tile(Y, CHUNK * Kernels.padded(outWidth));
            low(x, from, to, width, down, scale, l, from * low, scratch);
            Products.load(dz, outWidth, from, to, dzs);
            b.multiply(rows, dzs, 0, Kernels.padded(outWidth), dl, from * low, low, false);
            Kernels.ROWS.scale(dl, from * low, rows * low, scale);
            float[] dxs = scratch.tile(X, CHUNK * stride);
            a.multiply(rows, dl, from * low, low, dxs, 0, stride, false);
            Products.store(dx, width, from, to, dxs);
          });
      Panels xs =
          Products.packed(
              n, width, Products.rows(x, width), shared.tile(PACKED, Panels.size(n, width)));
      Panels ls =
          Products.packed(
              n,
              rank,
              (from, to, tile, scratch) ->
                  System.arraycopy(l, from * low, tile, 0, (to - from) * low),
              shared.tile(PACKED + 1, Panels.size(n, rank)));
      Products.weightGradients(
          List.of(
              new WeightGradient(xs, Products.columns(dl, low), rank, Memory.view(out[1])),
              new WeightGradient(
                  ls, Products.columns(dz, outWidth), outWidth, Memory.view(out[2]))));
    }
  }
}
