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
 * Root-mean-square norm (Zhang and Sennrich 2019, Eq. 4): {@code y = g * x / sqrt(mean(x^2) +
 * eps)}.
 *
 * <p>Shapes: x [n, width], g [width], y [n, width].
 */
public final class RmsNorm {
  /**
   * Rows a chunk: the unit in which the gain's gradient is summed, so that it never depends on
   * threads.
   */
  private static final int CHUNK = 64;

  private RmsNorm() {}

  /** The formula in stock operations. */
  static SDVariable compose(SameDiff sd, SDVariable x, SDVariable gain, double epsilon) {
    SDVariable meanSquare = x.mul(x).mean(true, -1); // [n, 1]
    return x.mul(sd.math().rsqrt(meanSquare.add(epsilon))).mul(gain);
  }

  static float inverseRms(float[] row, int width, double epsilon) {
    return (float)
        (1 / Math.sqrt(RowKernels.dot(row, 0, row, 0, width) / (double) width + epsilon));
  }

  /** Fused body. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable x, SDVariable gain, double epsilon) {
      super(sd, x, gain);
      addTArgument(epsilon);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      double epsilon = floatArgument(0);
      float[] gain = new float[width];
      Memory.view(in[1]).get(0, gain);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer y = Memory.view(out[0]);
      Workers.forChunks(
          n,
          CHUNK,
          (from, to, worker) -> {
            float[] row = Workers.scratch(worker).tile(0, width);
            for (int i = from; i < to; i++) {
              x.get(i * width, row, 0, width);
              RowKernels.scaleBy(row, 0, inverseRms(row, width, epsilon), gain, row, 0, width);
              y.put(i * width, row, 0, width);
            }
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return Arrays.asList(
          new Backward(sameDiff, arg(0), arg(1), gradients.get(0), floatArgument(0))
              .outputVariables());
    }
  }

  /**
   * Gradients of x and g. With {@code r = 1/rms}: {@code dg = sum_rows dy x r} and {@code dx = r
   * (dy g) - x r^3 mean(dy g x)}.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable x, SDVariable gain, SDVariable gradient, double epsilon) {
      super(sd, x, gain, gradient);
      addTArgument(epsilon);
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
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      double epsilon = floatArgument(0);
      float[] gain = new float[width];
      Memory.view(in[1]).get(0, gain);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer dy = Memory.view(in[2]);
      FloatBuffer dx = Memory.view(out[0]);
      float[][] gainGradients = new float[(n + CHUNK - 1) / CHUNK][];
      Workers.forChunks(
          n,
          CHUNK,
          (from, to, worker) -> {
            float[] row = Workers.scratch(worker).tile(0, width);
            float[] g = Workers.scratch(worker).tile(1, width);
            float[] sum = new float[width];
            for (int i = from; i < to; i++) {
              x.get(i * width, row, 0, width);
              dy.get(i * width, g, 0, width);
              float r = inverseRms(row, width, epsilon);
              for (int j = 0; j < width; j++) {
                sum[j] += g[j] * row[j] * r;
                g[j] *= gain[j];
              }
              float inner = RowKernels.dot(g, 0, row, 0, width) * r * r * r / width;
              for (int j = 0; j < width; j++) {
                g[j] = g[j] * r - row[j] * inner;
              }
              dx.put(i * width, g, 0, width);
            }
            gainGradients[from / CHUNK] = sum;
          });
      float[] total = new float[width];
      for (float[] chunk : gainGradients) {
        for (int j = 0; j < width; j++) {
          total[j] += chunk[j];
        }
      }
      Memory.view(out[1]).put(0, total);
    }
  }
}
