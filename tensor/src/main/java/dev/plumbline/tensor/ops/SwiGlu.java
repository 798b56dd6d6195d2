package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.RowKernels;
import dev.plumbline.tensor.engine.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SwiGLU (Shazeer 2020, Eq. 5, without biases): {@code y = silu(gate) * up} with {@code silu(x) = x
 * sigmoid(x)}.
 *
 * <p>Shapes: gate, up, y [n, hidden].
 */
public final class SwiGlu {
  private static final int TILE = 4096;

  private SwiGlu() {}

  /** The formula in stock operations. */
  static SDVariable compose(SameDiff sd, SDVariable gate, SDVariable up) {
    return sd.nn().swish(gate).mul(up);
  }

  /** Fused body. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable gate, SDVariable up) {
      super(sd, gate, up);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      FloatBuffer gate = Memory.view(in[0]);
      FloatBuffer up = Memory.view(in[1]);
      FloatBuffer y = Memory.view(out[0]);
      Workers.forChunks(
          (int) in[0].length(),
          TILE,
          (from, to, worker) -> {
            float[] g = Workers.scratch(worker).tile(0, TILE);
            float[] u = Workers.scratch(worker).tile(1, TILE);
            gate.get(from, g, 0, to - from);
            up.get(from, u, 0, to - from);
            RowKernels.swiGlu(g, u, g, to - from);
            y.put(from, g, 0, to - from);
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return Arrays.asList(
          new Backward(sameDiff, arg(0), arg(1), gradients.get(0)).outputVariables());
    }
  }

  /** Gradients of gate and up. */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable gate, SDVariable up, SDVariable gradient) {
      super(sd, gate, up, gradient);
    }

    @Override
    public int getNumOutputs() {
      return 2;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      FloatBuffer gate = Memory.view(in[0]);
      FloatBuffer up = Memory.view(in[1]);
      FloatBuffer dy = Memory.view(in[2]);
      FloatBuffer dGate = Memory.view(out[0]);
      FloatBuffer dUp = Memory.view(out[1]);
      Workers.forChunks(
          (int) in[0].length(),
          TILE,
          (from, to, worker) -> {
            float[] g = Workers.scratch(worker).tile(0, TILE);
            float[] u = Workers.scratch(worker).tile(1, TILE);
            float[] d = Workers.scratch(worker).tile(2, TILE);
            gate.get(from, g, 0, to - from);
            up.get(from, u, 0, to - from);
            dy.get(from, d, 0, to - from);
            RowKernels.swiGluGradient(g, u, d, to - from);
            dGate.put(from, g, 0, to - from);
            dUp.put(from, u, 0, to - from);
          });
    }
  }
}
