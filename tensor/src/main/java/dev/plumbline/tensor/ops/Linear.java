package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.Blas;
import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * Several linear layers of one input: {@code y_k = x W_k^T}, and with a residual (one layer only)
 * {@code y = r + x W^T}. One operation for q, k, v and one for gate and up saves two additions of
 * [n, width] in the backward pass.
 *
 * <p>Shapes: x [n, in], W_k [out_k, in], r [n, out_1], y_k [n, out_k]. A frozen weight (a SameDiff
 * constant) costs no gradient.
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

  /**
   * Fused body. Inputs x, W_1..W_k, then the residual if there is one. Integer arguments: k,
   * residual (0 or 1).
   */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable x, SDVariable residual, SDVariable... weights) {
      super(sd, inputs(x, residual, weights));
      if (residual != null && weights.length != 1) {
        throw new IllegalArgumentException(
            "A residual goes with one weight, not with " + weights.length + ".");
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
      long[][] shapes = new long[intArgument(0)][];
      for (int k = 0; k < shapes.length; k++) {
        shapes[k] = new long[] {in[0][0], in[1 + k][0]};
      }
      return shapes;
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      boolean residual = intArgument(1) == 1;
      for (int k = 0; k < intArgument(0); k++) {
        FloatPointer y = Memory.pointer(out[k]);
        if (residual) {
          Memory.copy(Memory.pointer(in[in.length - 1]), y, out[k].length());
        }
        Blas.linear(
            Memory.pointer(in[0]),
            Memory.pointer(in[1 + k]),
            y,
            n,
            width,
            (int) in[1 + k].size(0),
            residual ? 1f : 0f);
      }
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      int count = intArgument(0);
      int trained = 0; // bit mask
      List<SDVariable> inputs = new ArrayList<>(Arrays.asList(args()).subList(0, 1 + count));
      for (int k = 0; k < count; k++) {
        if (!arg(1 + k).isConstant()) {
          trained |= 1 << k;
        }
        inputs.add(gradients.get(k));
      }
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
        result.add(
            sameDiff.identity(
                gradients.get(0))); // SameDiff renames what it gets: never hand on its own variable
      }
      return result;
    }
  }

  /**
   * {@code dx = sum_k dy_k W_k} and {@code dW_k = dy_k^T x} of the trained weights. Integer
   * arguments: k, mask.
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
      for (int k = 0; k < intArgument(0); k++) {
        if ((intArgument(1) >> k & 1) == 1) {
          shapes.add(in[1 + k]);
        }
      }
      return shapes.toArray(long[][]::new);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int count = intArgument(0);
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      int next = 1;
      for (int k = 0; k < count; k++) {
        int outWidth = (int) in[1 + k].size(0);
        FloatPointer dy = Memory.pointer(in[1 + count + k]);
        Blas.linearInputGradient(
            dy,
            Memory.pointer(in[1 + k]),
            Memory.pointer(out[0]),
            n,
            width,
            outWidth,
            k == 0 ? 0f : 1f);
        if ((intArgument(1) >> k & 1) == 1) {
          Blas.linearWeightGradient(
              dy, Memory.pointer(in[0]), Memory.pointer(out[next++]), n, width, outWidth, 0f);
        }
      }
    }
  }
}
