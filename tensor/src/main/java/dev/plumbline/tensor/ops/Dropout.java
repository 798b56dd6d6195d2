package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Dropout (Srivastava et al. 2014), scaled at training time: {@code y = x m / (1 - p)}, where each
 * m is 0 with probability p and else 1. The mask is a hash of seed, place and index. So it is never
 * stored, the backward pass computes the same mask, and a resumed run has the masks of an
 * uninterrupted one.
 *
 * <p>Shapes: x [n, width]; seed [1] int32. There is no composed form, because SameDiff's own
 * dropout draws from one stream of the whole process.
 */
public final class Dropout {
  private Dropout() {}

  /** {@code y = x m / (1 - p)}; its gradient with respect to x is the same operation on dy. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    /**
     * Adds it to a graph.
     *
     * @param place number that distinguishes the masks of one graph
     */
    Fused(SameDiff sd, SDVariable x, SDVariable seed, double probability, int place) {
      super(sd, x, seed);
      addTArgument(probability);
      addIArgument(place);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      FloatBuffer x = Memory.view(in[0]);
      FloatBuffer y = Memory.view(out[0]);
      long key = mix(((long) Memory.ints(in[1])[0] << 32) ^ intArgument(0));
      long limit = (long) (floatArgument(0) * (1L << 53));
      float scale = (float) (1 / (1 - floatArgument(0)));
      Workers.forChunks(
          x.capacity(),
          1 << 14,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              boolean kept = mix(key + i) >>> 11 >= limit;
              y.put(i, kept ? x.get(i) * scale : 0f);
            }
          });
    }

    /** SplitMix64's output function (Steele et al. 2014). */
    private static long mix(long z) {
      long x = (z + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
      x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
      x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
      return x ^ (x >>> 31);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return List.of(
          new Fused(sameDiff, gradients.get(0), arg(1), floatArgument(0), intArgument(0))
              .outputVariable(),
          noGradient(arg(1)));
    }
  }
}
