package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Products.Columns;
import dev.plumbline.tensor.kernel.Products.WeightGradient;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The feed-forward half of a decoder layer: RMS norm, SwiGLU (Shazeer 2020, Eq. 6, without biases)
 * and residual:
 *
 * <pre>
 *   h    = rmsNorm(x, g)
 *   gate = h Wg^T,  up = h Wu^T
 *   y    = x + (silu(gate) * up) Wd^T,   silu(z) = z sigmoid(z)
 * </pre>
 *
 * <p>Shapes: x, y [n, width]; g [width]; Wg, Wu [hidden, width]; Wd [width, hidden]; gate, up [n,
 * hidden]. Gate and up are kept for the backward pass. The normalised rows and the activation exist
 * only in tiles and are computed again.
 */
public final class SwiGluBlock {
  private static final int CHUNK = Products.CHUNK;

  // Tiles of a worker's scratch space.
  private static final int X = Scratch.FREE;
  private static final int H = Scratch.FREE + 1;
  private static final int GATE = Scratch.FREE + 2;
  private static final int UP = Scratch.FREE + 3;
  private static final int Y = Scratch.FREE + 4;

  // Tiles of the shared scratch space; 0 to 2 hold the packed weights.
  private static final int D_Y = 3;
  private static final int D_GATE = 4;
  private static final int D_UP = 5;
  private static final int H_PACKED = 6;
  private static final int A_PACKED = 7;

  private SwiGluBlock() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd,
      SDVariable x,
      SDVariable gain,
      double epsilon,
      SDVariable gateWeight,
      SDVariable upWeight,
      SDVariable downWeight) {
    SDVariable[] gateUp = NormLinear.compose(sd, x, gain, epsilon, gateWeight, upWeight);
    SDVariable activation = sd.nn().swish(gateUp[0]).mul(gateUp[1]); // [n, hidden]
    return Linear.compose(sd, activation, x, downWeight)[0];
  }

  /** Fused body. Inputs x, g, Wg, Wu, Wd; outputs y, gate, up. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, double epsilon, SDVariable... inputs) {
      super(sd, inputs);
      addTArgument(epsilon);
    }

    @Override
    public int getNumOutputs() {
      return 3;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      long[] inner = {in[0][0], in[2][0]};
      return new long[][] {in[0], inner, inner};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int width = (int) in[0].size(1);
      int hidden = (int) in[2].size(0);
      int stride = Kernels.padded(width);
      int inner = Kernels.padded(hidden);
      double epsilon = floatArgument(0);
      float[] gain = RmsNorm.gain(in[1]);
      Panels[] weights = Linear.transposed(in[2], in[3], in[4]);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer y = Memory.view(out[0]);
      FloatBuffer gate = Memory.view(out[1]);
      FloatBuffer up = Memory.view(out[2]);
      Workers.forChunks(
          (int) in[0].size(0),
          CHUNK,
          (from, to, worker) -> {
            int rows = to - from;
            Scratch scratch = Workers.scratch(worker);
            float[] xs = scratch.tile(X, CHUNK * stride);
            float[] hs = scratch.tile(H, CHUNK * stride);
            float[] gates = scratch.tile(GATE, CHUNK * inner);
            float[] ups = scratch.tile(UP, CHUNK * inner);
            float[] ys = scratch.tile(Y, CHUNK * stride);
            Products.load(x, width, from, to, xs);
            System.arraycopy(xs, 0, hs, 0, rows * stride);
            RmsNorm.rows(hs, rows, stride, width, gain, epsilon);
            weights[0].multiply(rows, hs, 0, stride, gates, 0, inner, false);
            weights[1].multiply(rows, hs, 0, stride, ups, 0, inner, false);
            Products.store(gate, hidden, from, to, gates);
            Products.store(up, hidden, from, to, ups);
            activate(gates, 0, ups, 0, gates, rows, hidden);
            weights[2].multiply(rows, gates, 0, inner, ys, 0, stride, false);
            Kernels.ROWS.axpy(1f, xs, 0, ys, 0, rows * stride);
            Products.store(y, width, from, to, ys);
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      int trained = Linear.WeightGradients.trained(this, 2, 3);
      SDVariable[] outputs = outputVariables();
      SDVariable[] inputs = Arrays.copyOf(args(), 8);
      inputs[5] = outputs[1];
      inputs[6] = outputs[2];
      inputs[7] = gradients.get(0);
      SDVariable[] found =
          new Backward(sameDiff, inputs, trained, floatArgument(0)).outputVariables();
      List<SDVariable> result = new ArrayList<>(List.of(found[0], found[1]));
      int next = 2;
      for (int k = 0; k < 3; k++) {
        result.add((trained >> k & 1) == 1 ? found[next++] : noGradient(arg(2 + k)));
      }
      return result;
    }
  }

  /** {@code out = silu(gate) * up} for rows of padded width. */
  private static void activate(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] out, int rows, int hidden) {
    long start = Profile.start();
    int inner = Kernels.padded(hidden);
    for (int at = 0; at < rows * inner; at += inner) {
      Kernels.ROWS.swiGlu(gate, gateFrom + at, up, upFrom + at, out, at, hidden);
    }
    Profile.end(Profile.Part.ELEMENTWISE, start);
  }

  /**
   * With {@code a = silu(gate) * up} and {@code da = dy Wd}: dgate and dup from da; {@code dh =
   * dgate Wg + dup Wu}; dx and dg from dh as in {@link RmsNorm.Backward}, dx includes the
   * residual's dy; {@code dWd = dy^T a, dWg = dgate^T h, dWu = dup^T h}. Inputs x, g, Wg, Wu, Wd,
   * gate, up, dy; outputs dx, dg and the gradients of the trained weights. Integer argument: mask
   * of the trained weights.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, int trained, double epsilon) {
      super(sd, inputs);
      addIArgument(trained);
      addTArgument(epsilon);
    }

    @Override
    public int getNumOutputs() {
      return 2 + Integer.bitCount(intArgument(0));
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      List<long[]> shapes = new ArrayList<>(List.of(in[0], in[1]));
      Linear.WeightGradients.shapes(shapes, in, 2, 3, intArgument(0));
      return shapes.toArray(long[][]::new);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      int hidden = (int) in[2].size(0);
      int stride = Kernels.padded(width);
      int inner = Kernels.padded(hidden);
      double epsilon = floatArgument(0);
      float[] gain = RmsNorm.gain(in[1]);
      Panels[] weights = Linear.plain(in[2], in[3], in[4]);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer gate = Memory.view(in[5]);
      FloatBuffer up = Memory.view(in[6]);
      FloatBuffer dy = Memory.view(in[7]);
      Scratch shared = Workers.shared();
      float[] dys = shared.tile(D_Y, n * stride);
      float[] dGates = shared.tile(D_GATE, n * inner);
      float[] dUps = shared.tile(D_UP, n * inner);
      float[] packedH = shared.tile(H_PACKED, Panels.size(n, width));
      float[] packedA = shared.tile(A_PACKED, Panels.size(n, hidden));
      RmsNorm.Gradient norm = new RmsNorm.Gradient(in[0], gain, epsilon, out[0], dys);
      Workers.forChunks(
          n,
          CHUNK,
          (from, to, worker) -> {
            int rows = to - from;
            int at = from * inner;
            Scratch scratch = Workers.scratch(worker);
            float[] tile = scratch.tile(GATE, CHUNK * inner);
            float[] hs = scratch.tile(H, CHUNK * stride);
            float[] dhs = scratch.tile(Y, CHUNK * stride);
            Products.load(dy, width, from, to, dys, from * stride);
            Products.load(gate, hidden, from, to, dGates, at);
            Products.load(up, hidden, from, to, dUps, at);
            activate(dGates, at, dUps, at, tile, rows, hidden);
            Products.pack(tile, from, to, n, hidden, packedA);
            weights[2].multiply(rows, dys, from * stride, stride, tile, 0, inner, false); // da
            long start = Profile.start();
            for (int row = 0; row < rows * inner; row += inner) {
              Kernels.ROWS.swiGluGradient(dGates, at + row, dUps, at + row, tile, row, hidden);
            }
            Profile.end(Profile.Part.ELEMENTWISE, start);
            weights[0].multiply(rows, dGates, at, inner, dhs, 0, stride, false);
            weights[1].multiply(rows, dUps, at, inner, dhs, 0, stride, true);
            Products.load(x, width, from, to, hs);
            RmsNorm.rows(hs, rows, stride, width, gain, epsilon);
            Products.pack(hs, from, to, n, width, packedH);
            norm.store(from, to, dhs, scratch);
          });
      norm.storeGain(out[1]);
      Panels h = new Panels(packedH, n, width);
      Panels a = new Panels(packedA, n, hidden);
      List<WeightGradient> gradients = new ArrayList<>();
      int next = 2;
      if ((intArgument(0) & 1) == 1) {
        Columns rows = Products.columns(dGates, inner);
        gradients.add(new WeightGradient(h, rows, hidden, Memory.view(out[next++])));
      }
      if ((intArgument(0) >> 1 & 1) == 1) {
        Columns rows = Products.columns(dUps, inner);
        gradients.add(new WeightGradient(h, rows, hidden, Memory.view(out[next++])));
      }
      if ((intArgument(0) >> 2 & 1) == 1) {
        Columns rows = Products.columns(dys, stride);
        gradients.add(new WeightGradient(a, rows, width, Memory.view(out[next])));
      }
      Products.weightGradients(gradients);
    }
  }
}
