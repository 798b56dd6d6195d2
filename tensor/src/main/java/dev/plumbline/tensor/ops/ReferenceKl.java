package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * Forward KL divergence of the model's distribution of the next token from that of a reference
 * model (Zeng et al. 2024, arXiv 2404.11999):
 *
 * <pre>
 *   k_i = sum_v q_i[v] (log q_i[v] - log p_i[v]),   p_i = softmax(W h[rows_i]),  q_i = softmax(W_ref h_ref[rows_i])
 *   dk_i / dz_i[v] = p_i[v] - q_i[v]
 * </pre>
 *
 * <p>The reference gets no gradient. As in {@link FusedLinearLogProb}, the logits of neither model
 * exist all at once.
 *
 * <p>Shapes: hidden [n, width]; head W [vocab, width]; reference hidden [n, width'] and head
 * [vocab, width']; rows [m] int32; k [m].
 */
public final class ReferenceKl {
  private ReferenceKl() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd,
      SDVariable hidden,
      SDVariable head,
      SDVariable referenceHidden,
      SDVariable referenceHead,
      SDVariable rows) {
    SDVariable p = logSoftmax(sd, hidden, head, rows); // [m, vocab]
    SDVariable q = logSoftmax(sd, referenceHidden, referenceHead, rows);
    return sd.reshape(sd.math().exp(q).mul(q.sub(p)).sum(true, 1), -1);
  }

  private static SDVariable logSoftmax(
      SameDiff sd, SDVariable hidden, SDVariable head, SDVariable rows) {
    SDVariable h = Embedding.compose(sd, hidden, rows); // [m, width]
    SDVariable logits = new Mmul(sd, h, head, false, true, false).outputVariable();
    SDVariable max = sd.max(logits, true, 1);
    return logits.sub(sd.math().log(sd.math().exp(logits.sub(max)).sum(true, 1)).add(max));
  }

  /** The reference's logits for one block of the vocabulary. */
  private static final class Reference {
    final Vocabulary vocabulary;
    Panels block;

    Reference(RowGroups groups, INDArray hidden, INDArray head) {
      int width = (int) hidden.size(1);
      float[] tile =
          Workers.shared().tile(Vocabulary.REFERENCE_HIDDEN, groups.size() * Kernels.padded(width));
      float[] h = groups.gather(Memory.view(hidden), width, tile);
      vocabulary = new Vocabulary(groups, h, head, Vocabulary.REFERENCE_HEAD);
    }

    void start(int word, int count) {
      block = vocabulary.transposed(word, count);
    }

    /** Logits of rows {@code [from, to)}, {@code stride} apart. */
    float[] logits(int from, int to, int stride, int worker) {
      float[] z = Workers.scratch(worker).tile(1, Products.CHUNK * stride);
      vocabulary.logits(block, from, to, z, 0, stride);
      return z;
    }
  }

  private static RowGroups groups(INDArray[] in) {
    int[] rows = Memory.ints(in[4]);
    int[] all = new int[rows.length];
    Arrays.setAll(all, i -> i);
    return RowGroups.of(rows, all, (int) in[0].size(0));
  }

  /** Fused body; inputs hidden, head, reference hidden, reference head, rows. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable... inputs) {
      super(sd, inputs);
    }

    @Override
    public int getNumOutputs() {
      return 3; // k and both log-sum-exps
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[4], in[4], in[4]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      RowGroups groups = groups(in);
      LogSumExp policy = new LogSumExp(groups.size());
      LogSumExp reference = new LogSumExp(groups.size());
      float[] gaps = new float[groups.size()]; // sum_v exp(zq - max) (zq - zp)
      Reference q = new Reference(groups, in[2], in[3]);
      Vocabulary p =
          new Vocabulary(groups, FusedLinearLogProb.hidden(groups, in[0]), in[1], Vocabulary.HEAD);
      p.forward(
          new Vocabulary.Visitor() {
            @Override
            public void start(int word, int count) {
              q.start(word, count);
            }

            @Override
            public void visit(
                int word, int count, int from, int to, float[] z, int at, int stride, int worker) {
              float[] zq = q.logits(from, to, stride, worker);
              float[] gap = Workers.scratch(worker).tile(2, stride);
              for (int u = from; u < to; u++) {
                int own = (u - from) * stride;
                System.arraycopy(zq, own, gap, 0, count);
                Kernels.ROWS.axpy(-1f, z, at + own, gap, 0, count);
                gaps[u] *= reference.add(u, zq, own, count);
                gaps[u] += Kernels.ROWS.dot(zq, own, gap, 0, count);
                policy.add(u, z, at + own, count);
              }
            }
          });
      float[][] results = new float[3][(int) in[4].length()];
      for (int u = 0; u < groups.size(); u++) {
        float k = gaps[u] / reference.sum()[u] - reference.of(u) + policy.of(u);
        for (int entry : groups.entriesOf(u)) {
          results[0][entry] = k;
          results[1][entry] = policy.of(u);
          results[2][entry] = reference.of(u);
        }
      }
      for (int i = 0; i < results.length; i++) {
        Memory.view(out[i]).put(0, results[i]);
      }
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      return new Backward(
              sameDiff,
              arg(0),
              arg(1),
              arg(2),
              arg(3),
              arg(4),
              outputVariables()[1],
              outputVariables()[2],
              gradients.get(0))
          .ofInputs(args());
    }
  }

  /**
   * {@code dz_u = (sum_i g_i) (p_u - q_u)} over the entries i of row u, and from it the gradients
   * of hidden states and head.
   */
  public static final class Backward extends HeadGradient {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable... inputs) {
      super(sd, inputs);
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      RowGroups groups = groups(in);
      float[][] inputs = new float[3][(int) in[4].length()]; // both log-sum-exps, dk
      for (int i = 0; i < inputs.length; i++) {
        Memory.view(in[5 + i]).get(0, inputs[i]);
      }
      Reference q = new Reference(groups, in[2], in[3]);
      Vocabulary p =
          new Vocabulary(groups, FusedLinearLogProb.hidden(groups, in[0]), in[1], Vocabulary.HEAD);
      p.backward(
          new Vocabulary.Visitor() {
            @Override
            public void start(int word, int count) {
              q.start(word, count);
            }

            @Override
            public void visit(
                int word, int count, int from, int to, float[] z, int at, int stride, int worker) {
              float[] zq = q.logits(from, to, stride, worker);
              for (int u = from; u < to; u++) {
                int own = (u - from) * stride;
                int[] entries = groups.entriesOf(u);
                float total = 0;
                for (int entry : entries) {
                  total += inputs[2][entry];
                }
                Kernels.ROWS.expSum(z, at + own, count, 1f, inputs[0][entries[0]]);
                Kernels.ROWS.expSum(zq, own, count, 1f, inputs[1][entries[0]]);
                Kernels.ROWS.scale(z, at + own, count, total);
                Kernels.ROWS.axpy(-total, zq, own, z, at + own, count);
              }
            }
          },
          out[0],
          headOf(out));
    }
  }
}
