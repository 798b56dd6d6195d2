package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Products.Sink;
import dev.plumbline.tensor.kernel.Products.Source;
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
 * Several linear layers of one input: {@code y_k = x W_k^T}, and with a residual (one layer only)
 * {@code y = r + x W^T}. Computing several layers in one operation saves additions of [n, width] in
 * the backward pass.
 *
 * <p>Shapes: x [n, in], W_k [out_k, in], r [n, out_1], y_k [n, out_k]. No gradient is computed for
 * a frozen weight (a SameDiff constant).
 */
public final class Linear {
  private Linear() {}

  /** The formula in stock operations. */
  static SDVariable[] compose(
      SameDiff sd, SDVariable x, SDVariable residual, SDVariable... weights) {
    SDVariable[] result = new SDVariable[weights.length];
    for (int k = 0; k < weights.length; k++) {
      SDVariable y = new Mmul(sd, x, weights[k], false, true, false).outputVariable();
      result[k] = residual == null ? y : residual.add(y);
    }
    return result;
  }

  /** {@code y = r + result}: adds the residual's rows to the tile before they are stored. */
  static Sink plusResidual(FloatBuffer residual, FloatBuffer y, int width) {
    int stride = Kernels.padded(width);
    return (from, to, tile, scratch) -> {
      float[] rows = scratch.tile(Scratch.FREE, (to - from) * stride);
      Products.load(residual, width, from, to, rows);
      Kernels.ROWS.axpy(1f, rows, 0, tile, 0, (to - from) * stride);
      Products.store(y, width, from, to, tile);
    };
  }

  /** Packs weights for the forward pass, one tile of the shared scratch space each. */
  static Panels[] transposed(INDArray... weights) {
    Panels[] panels = new Panels[weights.length];
    for (int k = 0; k < weights.length; k++) {
      int out = (int) weights[k].size(0);
      int in = (int) weights[k].size(1);
      float[] data = Workers.shared().tile(k, Panels.size(in, out));
      panels[k] = Products.transposed(Matrix.of(weights[k]), data);
    }
    return panels;
  }

  /** The same for the gradient of the input. */
  static Panels[] plain(INDArray... weights) {
    Panels[] panels = new Panels[weights.length];
    for (int k = 0; k < weights.length; k++) {
      int out = (int) weights[k].size(0);
      int in = (int) weights[k].size(1);
      float[] data = Workers.shared().tile(k, Panels.size(out, in));
      panels[k] = Products.plain(Matrix.of(weights[k]), data);
    }
    return panels;
  }

  /** Rows of arrays [n, width] as sources. */
  static Source[] sources(INDArray... arrays) {
    return Arrays.stream(arrays)
        .map(a -> Products.rows(Memory.view(a), (int) a.size(1)))
        .toArray(Source[]::new);
  }

  /** Rows of arrays [n, width] as sinks. */
  static Sink[] sinks(INDArray... arrays) {
    return Arrays.stream(arrays)
        .map(a -> Products.into(Memory.view(a), (int) a.size(1)))
        .toArray(Sink[]::new);
  }

  /**
   * Fused body. Inputs x, W_1..W_k, then the residual if there is one. Integer arguments: k, 0 or
   * 1.
   */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable x, SDVariable residual, SDVariable... weights) {
      super(sd, inputs(x, residual, weights));
      if (residual != null && weights.length != 1) {
        throw new IllegalArgumentException(
            "A residual needs exactly one weight, not  " + weights.length + ".");
      }
      addIArgument(weights.length, residual == null ? 0 : 1);
    }

    private static SDVariable[] inputs(SDVariable x, SDVariable residual, SDVariable[] weights) {
      List<SDVariable> inputs = new ArrayList<>();
      inputs.add(x);
      inputs.addAll(Arrays.asList(weights));
      if (residual != null) {
        inputs.add(residual);
      }
      return inputs.toArray(SDVariable[]::new);
    }

    @Override
    public int getNumOutputs() {
      return intArgument(0);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return WeightGradients.outputs(in, 1, intArgument(0));
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      INDArray[] weights = Arrays.copyOfRange(in, 1, 1 + intArgument(0));
      Sink[] y = sinks(out);
      if (intArgument(1) == 1) {
        y[0] =
            plusResidual(Memory.view(in[in.length - 1]), Memory.view(out[0]), (int) out[0].size(1));
      }
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      Products.forward(n, width, sources(in[0])[0], transposed(weights), y);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      int count = intArgument(0);
      int trained = WeightGradients.trained(this, 1, count);
      List<SDVariable> inputs = new ArrayList<>(Arrays.asList(args()).subList(0, 1 + count));
      inputs.addAll(gradients.subList(0, count));
      SDVariable[] outputs =
          new Backward(sameDiff, inputs.toArray(SDVariable[]::new), count, trained)
              .outputVariables();
      List<SDVariable> result = new ArrayList<>();
      result.add(outputs[0]);
      int next = 1;
      for (int k = 0; k < count; k++) {
        result.add((trained >> k & 1) == 1 ? outputs[next++] : noGradient(arg(1 + k)));
      }
      if (intArgument(1) == 1) {
        result.add(handOn(gradients.get(0)));
      }
      return result;
    }
  }

  /**
   * {@code dx = sum_k dy_k W_k} and {@code dW_k = dy_k^T x} of the trained weights. Inputs x,
   * W_1..W_k, dy_1..dy_k. Integer arguments: k, mask of the trained weights.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, int count, int trained) {
      super(sd, inputs);
      addIArgument(count, trained);
    }

    @Override
    public int getNumOutputs() {
      return 1 + Integer.bitCount(intArgument(1));
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      List<long[]> shapes = new ArrayList<>();
      shapes.add(in[0]);
      WeightGradients.shapes(shapes, in, 1, intArgument(0), intArgument(1));
      return shapes.toArray(long[][]::new);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int count = intArgument(0);
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      INDArray[] dy = Arrays.copyOfRange(in, 1 + count, 1 + 2 * count);
      Products.inputGradient(
          n, width, sources(dy), plain(Arrays.copyOfRange(in, 1, 1 + count)), sinks(out[0])[0]);
      if (intArgument(1) != 0) {
        float[] data = Workers.shared().tile(0, Panels.size(n, width));
        Panels x = Products.packed(n, width, sources(in[0])[0], data);
        WeightGradients.compute(x, dy, intArgument(1), Arrays.copyOfRange(out, 1, out.length));
      }
    }
  }

  /** Shared by the backward passes of all operations with linear layers. */
  static final class WeightGradients {
    private WeightGradients() {}

    /** Shapes [n, out_k] of the outputs of the weights at inputs {@code [first, first + count)}. */
    static long[][] outputs(long[][] in, int first, int count) {
      long[][] shapes = new long[count][];
      for (int k = 0; k < count; k++) {
        shapes[k] = new long[] {in[0][0], in[first + k][0]};
      }
      return shapes;
    }

    /** Bit k is set when weight k is not a constant. */
    static int trained(FusedOp op, int first, int count) {
      int mask = 0;
      for (int k = 0; k < count; k++) {
        if (!op.arg(first + k).isConstant()) {
          mask |= 1 << k;
        }
      }
      return mask;
    }

    /** Adds the shapes of the trained weights' gradients. */
    static void shapes(List<long[]> shapes, long[][] in, int first, int count, int trained) {
      for (int k = 0; k < count; k++) {
        if ((trained >> k & 1) == 1) {
          shapes.add(in[first + k]);
        }
      }
    }

    /** {@code dW_k = dy_k^T x} for the trained weights, in order. */
    static void compute(Panels x, INDArray[] dy, int trained, INDArray[] dw) {
      List<WeightGradient> gradients = new ArrayList<>();
      for (int k = 0; k < dy.length; k++) {
        if ((trained >> k & 1) == 1) {
          int out = (int) dy[k].size(1);
          Products.Columns columns = Products.columns(Memory.view(dy[k]), out);
          FloatBuffer target = Memory.view(dw[gradients.size()]);
          gradients.add(new WeightGradient(x, columns, out, target));
        }
      }
      Products.weightGradients(gradients);
    }
  }
}
