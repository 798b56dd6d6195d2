package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.Workers;
import java.nio.FloatBuffer;
import java.util.List;
import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rotary position embedding (Su et al. 2021, Eq. 34) in Hugging Face's half-split layout: in each
 * head, component j of the first half and component j of the second half turn together by the angle
 * of their token's position.
 *
 * <p>Shapes: x, y [n, heads * headDim]; cos, sin [n, headDim / 2], one row a token, so that
 * positions may restart anywhere in a packed batch.
 */
public final class Rotary {
  private Rotary() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd, SDVariable x, SDVariable cos, SDVariable sin, int heads, int headDim) {
    int half = headDim / 2;
    SDVariable perHead = sd.reshape(x, -1, heads, headDim); // [n, heads, headDim]
    SDVariable first = perHead.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(0, half));
    SDVariable second = perHead.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(half, headDim));
    SDVariable c = sd.reshape(cos, -1, 1, half);
    SDVariable s = sd.reshape(sin, -1, 1, half);
    SDVariable turned =
        sd.concat(2, first.mul(c).sub(second.mul(s)), second.mul(c).add(first.mul(s)));
    return sd.reshape(turned, -1, (long) heads * headDim);
  }

  /** Turns one row in place. */
  public static void turn(
      float[] row,
      int from,
      int width,
      int headDim,
      float[] cos,
      float[] sin,
      int angles,
      float sign) {
    int half = headDim / 2;
    for (int head = from; head < from + width; head += headDim) {
      for (int j = 0; j < half; j++) {
        float a = row[head + j];
        float b = row[head + j + half];
        float c = cos[angles + j];
        float s = sin[angles + j] * sign;
        row[head + j] = a * c - b * s;
        row[head + j + half] = b * c + a * s;
      }
    }
  }

  /**
   * Fused body; its gradient is the turn by the opposite angle. Integer arguments: headDim, sign.
   */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable x, SDVariable cos, SDVariable sin, int headDim, int sign) {
      super(sd, x, cos, sin);
      addIArgument(headDim, sign);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int n = (int) in[0].size(0);
      int width = (int) in[0].size(1);
      int headDim = intArgument(0);
      int half = headDim / 2;
      float sign = intArgument(1);
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer cos = Memory.view(in[1]);
      FloatBuffer sin = Memory.view(in[2]);
      FloatBuffer y = Memory.view(out[0]);
      Workers.forChunks(
          n,
          128,
          (from, to, worker) -> {
            float[] row = Workers.scratch(worker).tile(0, width);
            float[] c = Workers.scratch(worker).tile(1, half);
            float[] s = Workers.scratch(worker).tile(2, half);
            for (int i = from; i < to; i++) {
              x.get(i * width, row, 0, width);
              cos.get(i * half, c, 0, half);
              sin.get(i * half, s, 0, half);
              turn(row, 0, width, headDim, c, s, 0, sign);
              y.put(i * width, row, 0, width);
            }
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return List.of(
          new Fused(sameDiff, gradients.get(0), arg(1), arg(2), intArgument(0), -intArgument(1))
              .outputVariable(),
          noGradient(arg(1)),
          noGradient(arg(2)));
    }
  }
}
