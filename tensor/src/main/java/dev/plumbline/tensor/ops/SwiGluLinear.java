package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Kernels;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.Products;
import dev.plumbline.tensor.engine.Products.Panels;
import dev.plumbline.tensor.engine.Products.Sink;
import dev.plumbline.tensor.engine.Products.Source;
import dev.plumbline.tensor.engine.Scratch;
import dev.plumbline.tensor.engine.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The second half of SwiGLU (Shazeer 2020, Eq. 6, without biases) with the residual: {@code y = r +
 * (silu(gate) * up) W^T}, {@code silu(x) = x sigmoid(x)}. The activation exists only in a tile: the
 * backward pass computes it again.
 *
 * <p>Shapes: gate, up [n, hidden]; W [width, hidden]; r, y [n, width].
 */
public final class SwiGluLinear {
  private SwiGluLinear() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd, SDVariable gate, SDVariable up, SDVariable weight, SDVariable residual) {
    return Linear.compose(sd, sd.nn().swish(gate).mul(up), residual, weight)[0];
  }

  /** Rows of {@code silu(gate) * up}. */
  private static Source activation(INDArray gate, INDArray up) {
    int hidden = (int) gate.size(1);
    int stride = Kernels.padded(hidden);
    FloatBuffer gates = Memory.view(gate);
    FloatBuffer ups = Memory.view(up);
    return (from, to, tile, scratch) -> {
      float[] u = scratch.tile(Scratch.FREE, (to - from) * stride);
      Products.load(gates, hidden, from, to, tile);
      Products.load(ups, hidden, from, to, u);
      for (int at = 0; at < (to - from) * stride; at += stride) {
        Kernels.BEST.swiGlu(tile, at, u, at, tile, at, hidden);
      }
    };
  }

  /** Takes rows of the activation's gradient, stores rows of dgate and dup. */
  private static Sink gradient(INDArray gate, INDArray up, INDArray dGate, INDArray dUp) {
    int hidden = (int) gate.size(1);
    int stride = Kernels.padded(hidden);
    FloatBuffer gates = Memory.view(gate);
    FloatBuffer ups = Memory.view(up);
    FloatBuffer dGates = Memory.view(dGate);
    FloatBuffer dUps = Memory.view(dUp);
    return (from, to, tile, scratch) -> {
      float[] g = scratch.tile(Scratch.FREE, (to - from) * stride);
      float[] u = scratch.tile(Scratch.FREE + 1, (to - from) * stride);
      Products.load(gates, hidden, from, to, g);
      Products.load(ups, hidden, from, to, u);
      for (int at = 0; at < (to - from) * stride; at += stride) {
        Kernels.BEST.swiGluGradient(g, at, u, at, tile, at, hidden);
      }
      Products.store(dGates, hidden, from, to, g);
      Products.store(dUps, hidden, from, to, u);
    };
  }

  /** Fused body. Inputs gate, up, W, r. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable gate, SDVariable up, SDVariable weight, SDVariable residual) {
      super(sd, gate, up, weight, residual);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[3]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int hidden = (int) in[0].size(1);
      int width = (int) in[2].size(0);
      Sink y = Linear.plusResidual(Memory.view(in[3]), Memory.view(out[0]), width);
      Products.forward(
          n, hidden, activation(in[0], in[1]), Linear.transposed(in[2]), new Sink[] {y});
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      int trained = Linear.WeightGradients.trained(this, 2, 1);
      SDVariable[] outputs =
          new Backward(sameDiff, arg(0), arg(1), arg(2), gradients.get(0), trained)
              .outputVariables();
      return List.of(
          outputs[0],
          outputs[1],
          trained == 1 ? outputs[2] : noGradient(arg(2)),
          handOn(gradients.get(0)));
    }
  }

  /**
   * {@code da = dy W}, from it dgate and dup, and {@code dW = dy^T a} with a computed again. Inputs
   * gate, up, W, dy. Integer argument: 1 when W is trained.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(
        SameDiff sd,
        SDVariable gate,
        SDVariable up,
        SDVariable weight,
        SDVariable gradient,
        int trained) {
      super(sd, gate, up, weight, gradient);
      addIArgument(trained);
    }

    @Override
    public int getNumOutputs() {
      return 2 + intArgument(0);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      List<long[]> shapes = new ArrayList<>(List.of(in[0], in[1]));
      Linear.WeightGradients.shapes(shapes, in, 2, 1, intArgument(0));
      return shapes.toArray(long[][]::new);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int hidden = (int) in[0].size(1);
      Products.inputGradient(
          n,
          hidden,
          Linear.sources(in[3]),
          Linear.plain(in[2]),
          gradient(in[0], in[1], out[0], out[1]));
      if (intArgument(0) == 1) {
        float[] data = Workers.shared().tile(0, Panels.size(n, hidden));
        Panels a = Products.packed(n, hidden, activation(in[0], in[1]), data);
        Linear.WeightGradients.compute(
            a, new INDArray[] {in[3]}, 1, new INDArray[] {out[2]});
      }
    }
  }
}
