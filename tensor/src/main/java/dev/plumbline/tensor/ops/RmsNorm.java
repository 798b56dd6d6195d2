package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
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
   * Rows per partial sum of the gain's gradient; fixed, so that the sum does not depend on threads.
   */
  private static final int CHUNK = Products.CHUNK;

  private RmsNorm() {}

  /** The formula in stock operations. */
  static SDVariable compose(SameDiff sd, SDVariable x, SDVariable gain, double epsilon) {
    SDVariable meanSquare = x.mul(x).mean(true, -1); // [n, 1]
    return x.mul(sd.math().rsqrt(meanSquare.add(epsilon))).mul(gain);
  }

  /** {@code 1 / sqrt(mean(x^2) + eps)} of the row that starts at {@code from}. */
  public static float inverseRms(float[] x, int from, int width, double epsilon) {
    return (float)
        (1 / Math.sqrt(Kernels.ROWS.dot(x, from, x, from, width) / (double) width + epsilon));
  }

  /** Normalises rows of a tile in place; rows are {@code stride} floats apart. */
  static void rows(float[] tile, int rows, int stride, int width, float[] gain, double epsilon) {
    long start = Profile.start();
    for (int i = 0; i < rows; i++) {
      int at = i * stride;
      Kernels.ROWS.scaleBy(tile, at, inverseRms(tile, at, width, epsilon), gain, tile, at, width);
    }
    Profile.end(Profile.Part.ELEMENTWISE, start);
  }

  /** The gain on the heap. */
  static float[] gain(INDArray array) {
    float[] gain = new float[(int) array.length()];
    Memory.view(array).get(0, gain);
    return gain;
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
      int width = (int) in[0].size(1);
      int stride = Kernels.padded(width);
      double epsilon = floatArgument(0);
      float[] gain = gain(in[1]);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer y = Memory.view(out[0]);
      Workers.forChunks(
          (int) in[0].size(0),
          CHUNK,
          (from, to, worker) -> {
            float[] tile = Workers.scratch(worker).tile(Scratch.FREE, CHUNK * stride);
            Products.load(x, width, from, to, tile);
            rows(tile, to - from, stride, width, gain, epsilon);
            Products.store(y, width, from, to, tile);
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
      FloatBuffer dy = Memory.view(in[2]);
      Gradient gradient = new Gradient(in[0], gain(in[1]), floatArgument(0), out[0]);
      Workers.forChunks(
          n,
          CHUNK,
          (from, to, worker) -> {
            Scratch scratch = Workers.scratch(worker);
            float[] tile = scratch.tile(Scratch.FREE + 1, CHUNK * Kernels.padded(width));
            Products.load(dy, width, from, to, tile);
            gradient.store(from, to, tile, scratch);
          });
      gradient.storeGain(out[1]);
    }
  }

  /**
   * Takes rows of dy and stores rows of dx; sums the gain's gradient by chunk of 64 rows, in order.
   */
  static final class Gradient implements Products.Sink {
    private final FloatBuffer x;
    private final FloatBuffer dx;
    private final int width;
    private final float[] gain;
    private final double epsilon;
    private final float[] residual; // [n, width] on the heap, added to dx; or null
    private final float[][] gainGradients; // by chunk

    Gradient(INDArray x, float[] gain, double epsilon, INDArray dx) {
      this(x, gain, epsilon, dx, null);
    }

    Gradient(INDArray x, float[] gain, double epsilon, INDArray dx, float[] residual) {
      this.residual = residual;
      this.x = Memory.view(x);
      this.dx = Memory.view(dx);
      this.width = (int) x.size(1);
      this.gain = gain;
      this.epsilon = epsilon;
      this.gainGradients = new float[((int) x.size(0) + CHUNK - 1) / CHUNK][];
    }

    @Override
    public void store(int from, int to, float[] tile, Scratch scratch) {
      int stride = Kernels.padded(width);
      float[] rows = scratch.tile(Scratch.FREE, CHUNK * stride);
      float[] sum = new float[width];
      Products.load(x, width, from, to, rows);
      long start = Profile.start();
      for (int at = 0; at < (to - from) * stride; at += stride) {
        float r = inverseRms(rows, at, width, epsilon);
        Kernels.ROWS.rmsNormGradient(rows, at, tile, at, gain, sum, r, width);
      }
      Profile.end(Profile.Part.ELEMENTWISE, start);
      if (residual != null) {
        Kernels.ROWS.axpy(1f, residual, from * stride, tile, 0, (to - from) * stride);
      }
      Products.store(dx, width, from, to, tile);
      gainGradients[from / CHUNK] = sum;
    }

    void storeGain(INDArray gainGradient) {
      float[] total = new float[width];
      for (float[] chunk : gainGradients) {
        Kernels.ROWS.axpy(1f, chunk, 0, total, 0, width);
      }
      Memory.view(gainGradient).put(0, total);
    }
  }
}
