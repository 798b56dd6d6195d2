package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * Log-probability of given target tokens: {@code lp_i = z_i[y_i] - log sum_v exp z_i[v]} with
 * logits {@code z_i = W h[rows_i]}. Logits are computed for the listed rows only, once per row even
 * when several targets follow it. They never exist all at once: both passes go through the
 * vocabulary in blocks, with a running maximum and sum (Milakov and Gimelshein 2018, Algorithm 3),
 * and the backward pass computes the logits again.
 *
 * <p>Shapes: hidden [n, width]; head W [vocab, width]; rows, targets [m] int32 (a row appears more
 * than once where a tree branches); lp, lse [m].
 */
public final class FusedLinearLogProb {
  private FusedLinearLogProb() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd, SDVariable hidden, SDVariable head, SDVariable rows, SDVariable targets) {
    SDVariable h = Embedding.compose(sd, hidden, rows); // [m, width]
    SDVariable logits = new Mmul(sd, h, head, false, true, false).outputVariable(); // [m, vocab]
    SDVariable max = sd.max(logits, true, 1); // [m, 1]
    SDVariable lse = sd.math().log(sd.math().exp(logits.sub(max)).sum(true, 1)).add(max); // [m, 1]
    SDVariable target = h.mul(Embedding.compose(sd, head, targets)).sum(true, 1); // [m, 1]
    return sd.reshape(target.sub(lse), -1);
  }

  /** Copies the hidden states of the rows to a tile. */
  static float[] hidden(RowGroups groups, INDArray hidden) {
    int width = (int) hidden.size(1);
    float[] tile = Workers.shared().tile(Vocabulary.HIDDEN, groups.size() * Kernels.padded(width));
    return groups.gather(Memory.view(hidden), width, tile);
  }

  /** The fused forward pass. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable hidden, SDVariable head, SDVariable rows, SDVariable targets) {
      super(sd, hidden, head, rows, targets);
    }

    @Override
    public int getNumOutputs() {
      return 2;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[2], in[2]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int[] targets = Memory.ints(in[3]);
      int m = targets.length;
      int[] all = new int[m];
      Arrays.setAll(all, i -> i);
      RowGroups groups = RowGroups.of(Memory.ints(in[2]), all, (int) in[0].size(0));
      LogSumExp sums = new LogSumExp(groups.size());
      float[] lp = new float[m]; // the target's logit until the sum is known
      Vocabulary vocabulary = new Vocabulary(groups, hidden(groups, in[0]), in[1], Vocabulary.HEAD);
      vocabulary.forward(
          (word, count, from, to, z, zAt, stride, worker) -> {
            for (int u = from; u < to; u++) {
              int at = zAt + (u - from) * stride;
              for (int i = groups.first()[u]; i < groups.first()[u + 1]; i++) {
                int entry = groups.entries()[i];
                int target = targets[entry] - word;
                if (target >= 0 && target < count) {
                  lp[entry] = z[at + target];
                }
              }
              sums.add(u, z, at, count);
            }
          });
      float[] lse = new float[m];
      for (int u = 0; u < groups.size(); u++) {
        float logSum = sums.of(u);
        for (int i = groups.first()[u]; i < groups.first()[u + 1]; i++) {
          lse[groups.entries()[i]] = logSum;
          lp[groups.entries()[i]] -= logSum;
        }
      }
      Memory.view(out[0]).put(0, lp);
      Memory.view(out[1]).put(0, lse);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return new Backward(
              sameDiff, arg(0), arg(1), arg(2), arg(3), outputVariables()[1], gradients.get(0))
          .ofInputs(args());
    }
  }

  /**
   * With {@code dz_u = sum_i g_i onehot(y_i) - (sum_i g_i) softmax(z_u)} over the entries i of row
   * u: {@code dh_u = W^T dz_u} and {@code dW = sum_u dz_u h_u^T}. Entries with gradient 0 are
   * skipped. Inputs hidden, head, rows, targets, lse, dlp.
   */
  public static final class Backward extends HeadGradient {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable... inputs) {
      super(sd, inputs);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      float[] lse = new float[(int) in[4].length()];
      float[] gradient = new float[(int) in[5].length()];
      Memory.view(in[4]).get(0, lse);
      Memory.view(in[5]).get(0, gradient);
      int[] targets = Memory.ints(in[3]);
      RowGroups groups = RowGroups.of(Memory.ints(in[2]), nonZero(gradient), (int) in[0].size(0));
      Vocabulary vocabulary = new Vocabulary(groups, hidden(groups, in[0]), in[1], Vocabulary.HEAD);
      vocabulary.backward(
          (word, count, from, to, z, zAt, stride, worker) -> {
            for (int u = from; u < to; u++) {
              int at = zAt + (u - from) * stride;
              int[] entries = groups.entriesOf(u);
              float total = 0;
              for (int entry : entries) {
                total += gradient[entry];
              }
              Kernels.ROWS.expSum(z, at, count, 1f, lse[entries[0]]); // softmax
              Kernels.ROWS.scale(z, at, count, -total);
              for (int entry : entries) {
                int target = targets[entry] - word;
                if (target >= 0 && target < count) {
                  z[at + target] += gradient[entry];
                }
              }
            }
          },
          out[0],
          headOf(out));
    }

    private static int[] nonZero(float[] gradients) {
      int[] kept = new int[gradients.length];
      int count = 0;
      for (int i = 0; i < gradients.length; i++) {
        if (gradients[i] != 0f) {
          kept[count++] = i;
        }
      }
      return Arrays.copyOf(kept, count);
    }
  }
}
