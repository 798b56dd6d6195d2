package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The gate of SwiGLU alone: {@code y = silu(gate) * up} with {@code silu(z) = z sigmoid(z)}
 * (Shazeer 2020, Eq. 6), for layers with adapters beside their weights, which {@link SwiGluBlock}
 * does not support. Shapes: all [n, hidden].
 */
public final class SwiGlu {
  private static final int CHUNK = Products.CHUNK;

  // Tiles of a worker's scratch space.
  private static final int GATE = Scratch.FREE;
  private static final int UP = Scratch.FREE + 1;
  private static final int D_Y = Scratch.FREE + 2;

  private SwiGlu() {}

  /** The formula in stock operations. */
  static SDVariable compose(SameDiff sd, SDVariable gate, SDVariable up) {
    return sd.nn().swish(gate).mul(up);
  }

  /** Fused body. Inputs gate, up. */
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
      int width = (int) in[0].size(1);
      int stride = Kernels.padded(width);
      FloatBuffer y = Memory.view(out[0]);
      Rows rows = new Rows(in[0], in[1]);
      Workers.forChunks(
          (int) in[0].size(0),
          CHUNK,
          (from, to, worker) -> {
            float[][] gateUp = rows.load(from, to, Workers.scratch(worker));
            for (int at = 0; at < (to - from) * stride; at += stride) {
              Kernels.ROWS.swiGlu(gateUp[0], at, gateUp[1], at, gateUp[0], at, width);
            }
            Products.store(y, width, from, to, gateUp[0]);
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return Arrays.asList(
          new Backward(sameDiff, arg(0), arg(1), gradients.get(0)).outputVariables());
    }
  }

  /** Copies both inputs to tiles. */
  private record Rows(INDArray gate, INDArray up) {
    float[][] load(int from, int to, Scratch scratch) {
      int width = (int) gate.size(1);
      int size = CHUNK * Kernels.padded(width);
      float[][] tiles = {scratch.tile(GATE, size), scratch.tile(UP, size)};
      Products.load(Memory.view(gate), width, from, to, tiles[0]);
      Products.load(Memory.view(up), width, from, to, tiles[1]);
      return tiles;
    }
  }

  /**
   * {@code dgate = dy up silu'(gate)}, {@code dup = dy silu(gate)} with {@code silu'(z) = s (1 + z
   * (1 - s))}, {@code s = sigmoid(z)}. Inputs gate, up, dy.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable gate, SDVariable up, SDVariable dy) {
      super(sd, gate, up, dy);
    }

    @Override
    public int getNumOutputs() {
      return 2;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], in[1]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int width = (int) in[0].size(1);
      int stride = Kernels.padded(width);
      FloatBuffer dy = Memory.view(in[2]);
      FloatBuffer dGate = Memory.view(out[0]);
      FloatBuffer dUp = Memory.view(out[1]);
      Rows rows = new Rows(in[0], in[1]);
      Workers.forChunks(
          (int) in[0].size(0),
          CHUNK,
          (from, to, worker) -> {
            Scratch scratch = Workers.scratch(worker);
            float[][] gateUp = rows.load(from, to, scratch);
            float[] dys = scratch.tile(D_Y, CHUNK * stride);
            Products.load(dy, width, from, to, dys);
            for (int at = 0; at < (to - from) * stride; at += stride) {
              Kernels.ROWS.swiGluGradient(gateUp[0], at, gateUp[1], at, dys, at, width);
            }
            Products.store(dGate, width, from, to, gateUp[0]);
            Products.store(dUp, width, from, to, gateUp[1]);
          });
    }
  }
}
