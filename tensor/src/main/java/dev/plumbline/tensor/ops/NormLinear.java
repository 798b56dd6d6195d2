package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Products.Source;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Linear layers after an RMS norm: {@code y_k = rmsNorm(x, g) W_k^T}, such as q, k and v. The
 * normalised rows exist only in a tile; the backward pass normalises them again.
 *
 * <p>Shapes: x [n, in], g [in], W_k [out_k, in], y_k [n, out_k].
 */
public final class NormLinear {
  private NormLinear() {}

  /** The formula in stock operations. */
  static SDVariable[] compose(
      SameDiff sd, SDVariable x, SDVariable gain, double epsilon, SDVariable... weights) {
    return Linear.compose(sd, RmsNorm.compose(sd, x, gain, epsilon), null, weights);
  }

  /** Rows of {@code rmsNorm(x, gain)}. */
  private static Source normed(INDArray x, float[] gain, double epsilon) {
    int width = (int) x.size(1);
    int stride = Kernels.padded(width);
    FloatBuffer rows = Memory.view(x);
    return (from, to, tile, scratch) -> {
      Products.load(rows, width, from, to, tile);
      RmsNorm.rows(tile, to - from, stride, width, gain, epsilon);
    };
  }

  /** Fused body. Inputs x, g, W_1..W_k. Integer argument: k. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable x, SDVariable gain, double epsilon, SDVariable... weights) {
      super(sd, inputs(x, gain, weights));
      addIArgument(weights.length);
      addTArgument(epsilon);
    }

    private static SDVariable[] inputs(SDVariable x, SDVariable gain, SDVariable[] weights) {
      List<SDVariable> inputs = new ArrayList<>(List.of(x, gain));
      inputs.addAll(Arrays.asList(weights));
      return inputs.toArray(SDVariable[]::new);
    }

    @Override
    public int getNumOutputs() {
      return intArgument(0);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return Linear.WeightGradients.outputs(in, 2, intArgument(0));
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      Source h = normed(in[0], RmsNorm.gain(in[1]), floatArgument(0));
      Panels[] weights = Linear.transposed(Arrays.copyOfRange(in, 2, in.length));
      Products.forward((int) in[0].size(0), (int) in[0].size(1), h, weights, Linear.sinks(out));
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      int count = intArgument(0);
      int trained = Linear.WeightGradients.trained(this, 2, count);
      List<SDVariable> inputs = new ArrayList<>(Arrays.asList(args()));
      inputs.addAll(gradients.subList(0, count));
      SDVariable[] outputs =
          new Backward(
                  sameDiff, inputs.toArray(SDVariable[]::new), count, trained, floatArgument(0))
              .outputVariables();
      List<SDVariable> result = new ArrayList<>(List.of(outputs[0], outputs[1]));
      int next = 2;
      for (int k = 0; k < count; k++) {
        result.add((trained >> k & 1) == 1 ? outputs[next++] : noGradient(arg(2 + k)));
      }
      return result;
    }
  }

  /**
   * {@code dh = sum_k dy_k W_k}, from it dx and dg as in {@link RmsNorm.Backward}, and {@code dW_k
   * = dy_k^T h} with h computed again. Inputs x, g, W_1..W_k, dy_1..dy_k. Integer arguments: k,
   * mask of the trained weights.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, int count, int trained, double epsilon) {
      super(sd, inputs);
      addIArgument(count, trained);
      addTArgument(epsilon);
    }

    @Override
    public int getNumOutputs() {
      return 2 + Integer.bitCount(intArgument(1));
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      List<long[]> shapes = new ArrayList<>(List.of(in[0], in[1]));
      Linear.WeightGradients.shapes(shapes, in, 2, intArgument(0), intArgument(1));
      return shapes.toArray(long[][]::new);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int count = intArgument(0);
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      float[] gain = RmsNorm.gain(in[1]);
      INDArray[] dy = Arrays.copyOfRange(in, 2 + count, 2 + 2 * count);
      RmsNorm.Gradient norm = new RmsNorm.Gradient(in[0], gain, floatArgument(0), out[0]);
      Panels[] weights = Linear.plain(Arrays.copyOfRange(in, 2, 2 + count));
      Products.inputGradient(n, width, Linear.sources(dy), weights, norm);
      norm.storeGain(out[1]);
      if (intArgument(1) != 0) {
        float[] data = Workers.shared().tile(0, Panels.size(n, width));
        Panels h = Products.packed(n, width, normed(in[0], gain, floatArgument(0)), data);
        Linear.WeightGradients.compute(
            h, dy, intArgument(1), Arrays.copyOfRange(out, 2, out.length));
      }
    }
  }
}
