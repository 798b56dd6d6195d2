package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.InPlaceWeight;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.RightHandSide;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.Lora;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A linear layer of {@link FusedDecoder}: packed, or read in place when it is bfloat16, with the
 * adapter of the model if there is one. {@code y = x W^T + s (x A^T) B^T}.
 *
 * @param w W^T
 * @param down A^T, or null without an adapter
 * @param up B^T
 * @param scale s
 */
record DecoderWeight(RightHandSide w, Panels down, Panels up, float scale) {
  private static final int CHUNK = 16;

  /** The weights with these names. */
  static DecoderWeight[] of(LlamaWeights weights, String... names) {
    return Arrays.stream(names).map(name -> of(weights, name)).toArray(DecoderWeight[]::new);
  }

  private static DecoderWeight of(LlamaWeights weights, String name) {
    INDArray w = weights.get(name);
    RightHandSide side =
        w.dataType() == DataType.BFLOAT16 ? new InPlaceWeight(Matrix.of(w)) : packed(w);
    Lora adapter = weights.adapter();
    if (adapter == null || !adapter.adapts(name)) {
      return new DecoderWeight(side, null, null, 0);
    }
    return new DecoderWeight(
        side, packed(adapter.a(name)), packed(adapter.b(name)), (float) adapter.settings().scale());
  }

  private static Panels packed(INDArray w) {
    int out = (int) w.size(0);
    int in = (int) w.size(1);
    return Products.transposed(Matrix.of(w), new float[Panels.size(in, out)]);
  }

  /** Width of x. */
  int k() {
    return w.k();
  }

  /** Width of y. */
  int n() {
    return w.n();
  }

  /** Panels of y's columns. */
  int count() {
    return w.count();
  }

  /**
   * Rows of x in the form that weights need.
   *
   * @param x in the order that {@link RightHandSide#arrange} gives
   * @param low s x A^T, or null
   */
  record Input(float[] x, float[] low) {}

  /** Rows of x for several weights; weights of one kind share the same order. */
  static Input[] inputs(DecoderWeight[] weights, float[] x, int rows) {
    Input[] inputs = new Input[weights.length];
    for (int k = 0; k < weights.length; k++) {
      boolean same = k > 0 && weights[k].w.getClass() == weights[k - 1].w.getClass();
      float[] arranged =
          same ? inputs[k - 1].x() : weights[k].w.arrange(x, rows, Kernels.padded(weights[k].k()));
      inputs[k] = new Input(arranged, weights[k].low(x, rows));
    }
    return inputs;
  }

  private float[] low(float[] x, int rows) {
    if (down == null) {
      return null;
    }
    int stride = Kernels.padded(k());
    int rank = Kernels.padded(down.n());
    float[] low = new float[rows * rank];
    Workers.forChunks(
        rows,
        CHUNK,
        (from, to, worker) -> {
          down.multiply(to - from, x, from * stride, stride, low, from * rank, rank, false);
          Kernels.ROWS.scale(low, from * rank, (to - from) * rank, scale);
        });
    return low;
  }

  /** Computes one panel's columns of y for some rows of the input, or adds them to y. */
  void multiplyPanel(
      int panel, int row, int rows, Input in, float[] y, int at, int width, boolean accumulate) {
    int stride = Kernels.padded(k());
    w.multiplyPanel(panel, rows, in.x(), row * stride, stride, y, at, width, accumulate);
    if (up != null) {
      int rank = Kernels.padded(up.k());
      up.multiplyPanel(panel, rows, in.low(), row * rank, rank, y, at, width, true);
    }
  }
}
