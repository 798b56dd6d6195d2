package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.Blas;
import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.RowKernels;
import dev.plumbline.tensor.engine.Scratch;
import dev.plumbline.tensor.engine.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * Log-probability of given target tokens: {@code lp_i = z_i[y_i] - log sum_v exp z_i[v]} with
 * logits {@code z_i = W h[rows_i]}. Only the listed rows reach the vocabulary, and the logits of
 * all rows never exist at once: forward and backward work through chunks of rows and the backward
 * pass computes its logits again.
 *
 * <p>Shapes: hidden [n, width]; head W [vocab, width]; rows, targets [m] int32 (a row may appear
 * more than once, where a tree branches); lp, lse [m].
 */
public final class TargetLogProb {
  /**
   * Logits that one chunk may hold, in floats: 4 MiB, which stays in the second-level caches'
   * neighbourhood.
   */
  private static final int CHUNK_LOGITS = 1 << 20;

  private TargetLogProb() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd, SDVariable hidden, SDVariable head, SDVariable rows, SDVariable targets) {
    SDVariable h = Rows.compose(sd, hidden, rows); // [m, width]
    SDVariable logits = new Mmul(sd, h, head, false, true, false).outputVariable(); // [m, vocab]
    SDVariable max = sd.max(logits, true, 1); // [m, 1]
    SDVariable lse = sd.math().log(sd.math().exp(logits.sub(max)).sum(true, 1)).add(max); // [m, 1]
    SDVariable target = h.mul(Rows.compose(sd, head, targets)).sum(true, 1); // [m, 1]
    return sd.reshape(target.sub(lse), -1);
  }

  private static int chunkRows(int m, int vocab) {
    return Math.max(1, Math.min(m, Math.max(64, CHUNK_LOGITS / vocab)));
  }

  /** Copies the listed hidden rows of a chunk together and computes their logits. */
  private static void logits(
      FloatPointer hidden,
      FloatPointer head,
      int[] rows,
      int from,
      int to,
      int width,
      int vocab,
      FloatPointer gathered,
      FloatPointer logits) {
    for (int i = from; i < to; i++) {
      Memory.copy(
          Memory.at(hidden, (long) rows[i] * width),
          Memory.at(gathered, (long) (i - from) * width),
          width);
    }
    Blas.linear(gathered, head, logits, to - from, width, vocab, 0f);
  }

  /** Fused body. */
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
      int width = (int) in[0].size(1);
      int vocab = (int) in[1].size(0);
      int[] rows = in[2].toIntVector();
      int[] targets = in[3].toIntVector();
      FloatPointer hidden = Memory.pointer(in[0]);
      FloatPointer head = Memory.pointer(in[1]);
      FloatBuffer lp = Memory.view(out[0]);
      FloatBuffer lse = Memory.view(out[1]);
      int chunk = chunkRows(rows.length, vocab);
      Scratch shared = Workers.scratch(0);
      FloatPointer gathered = shared.block(2, (long) chunk * width);
      FloatPointer logits = shared.block(3, (long) chunk * vocab);
      FloatBuffer view = shared.view(3);
      for (int start = 0; start < rows.length; start += chunk) {
        int first = start;
        int end = Math.min(rows.length, start + chunk);
        logits(hidden, head, rows, start, end, width, vocab, gathered, logits);
        Workers.forChunks(
            end - start,
            16,
            (from, to, worker) -> {
              float[] row = Workers.scratch(worker).tile(0, vocab);
              for (int i = from; i < to; i++) {
                view.get(i * vocab, row, 0, vocab);
                float target = row[targets[first + i]];
                float max = RowKernels.max(row, 0, vocab);
                float logSum = max + (float) Math.log(RowKernels.expSum(row, 0, vocab, 1f, max));
                lse.put(first + i, logSum);
                lp.put(first + i, target - logSum);
              }
            });
      }
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      boolean frozen = arg(1).isConstant();
      SDVariable[] outputs =
          new Backward(
                  sameDiff,
                  arg(0),
                  arg(1),
                  arg(2),
                  arg(3),
                  outputVariables()[1],
                  gradients.get(0),
                  frozen)
              .outputVariables();
      return List.of(
          outputs[0],
          frozen ? noGradient(arg(1)) : outputs[1],
          noGradient(arg(2)),
          noGradient(arg(3)));
    }
  }

  /**
   * With {@code dz_i = g_i (onehot(y_i) - softmax(z_i))}: {@code dh[rows_i] += W^T dz_i} and {@code
   * dW += dz_i h^T}. Rows whose gradient is 0 are left out. Integer argument: 1 when the head is
   * frozen.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(
        SameDiff sd,
        SDVariable hidden,
        SDVariable head,
        SDVariable rows,
        SDVariable targets,
        SDVariable lse,
        SDVariable gradient,
        boolean frozen) {
      super(sd, hidden, head, rows, targets, lse, gradient);
      addIArgument(frozen ? 1 : 0);
    }

    @Override
    public int getNumOutputs() {
      return intArgument(0) == 1 ? 1 : 2;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return intArgument(0) == 1 ? new long[][] {in[0]} : new long[][] {in[0], in[1]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int width = (int) in[0].size(1);
      int vocab = (int) in[1].size(0);
      int[] allRows = in[2].toIntVector();
      int[] allTargets = in[3].toIntVector();
      float[] allGradients = new float[allRows.length];
      float[] allLse = new float[allRows.length];
      Memory.view(in[4]).get(0, allLse);
      Memory.view(in[5]).get(0, allGradients);
      int[] kept = nonZero(allGradients);
      int[] rows = pick(allRows, kept);
      FloatPointer hidden = Memory.pointer(in[0]);
      FloatPointer head = Memory.pointer(in[1]);
      FloatPointer dHidden = Memory.pointer(out[0]);
      Memory.zero(dHidden, out[0].length());
      FloatPointer dHead = out.length > 1 ? Memory.pointer(out[1]) : null;
      if (dHead != null && rows.length == 0) {
        Memory.zero(dHead, out[1].length());
      }
      FloatBuffer dHiddenView = Memory.view(out[0]);
      int chunk = chunkRows(Math.max(1, rows.length), vocab);
      Scratch shared = Workers.scratch(0);
      FloatPointer gathered = shared.block(2, (long) chunk * width);
      FloatPointer logits = shared.block(3, (long) chunk * vocab);
      FloatBuffer view = shared.view(3);
      FloatPointer dGathered = shared.block(4, (long) chunk * width);
      FloatBuffer dGatheredView = shared.view(4);
      for (int start = 0; start < rows.length; start += chunk) {
        int first = start;
        int end = Math.min(rows.length, start + chunk);
        logits(hidden, head, rows, start, end, width, vocab, gathered, logits);
        Workers.forChunks(
            end - start,
            16,
            (from, to, worker) -> {
              float[] row = Workers.scratch(worker).tile(0, vocab);
              for (int i = from; i < to; i++) {
                int source = kept[first + i];
                float g = allGradients[source];
                view.get(i * vocab, row, 0, vocab);
                RowKernels.expSum(row, 0, vocab, 1f, allLse[source]); // softmax
                RowKernels.scale(row, 0, vocab, -g);
                row[allTargets[source]] += g;
                view.put(i * vocab, row, 0, vocab);
              }
            });
        Blas.linearInputGradient(logits, head, dGathered, end - start, width, vocab, 0f);
        scatterAdd(dGatheredView, dHiddenView, rows, start, end, width);
        if (dHead != null) {
          Blas.linearWeightGradient(
              logits, gathered, dHead, end - start, width, vocab, start == 0 ? 0f : 1f);
        }
      }
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

    private static int[] pick(int[] values, int[] indices) {
      int[] result = new int[indices.length];
      for (int i = 0; i < indices.length; i++) {
        result[i] = values[indices[i]];
      }
      return result;
    }

    private static void scatterAdd(
        FloatBuffer from, FloatBuffer into, int[] rows, int start, int end, int width) {
      float[] row = new float[width];
      float[] sum = new float[width];
      for (int i = start; i < end; i++) {
        from.get((i - start) * width, row);
        into.get(rows[i] * width, sum);
        for (int j = 0; j < width; j++) {
          sum[j] += row[j];
        }
        into.put(rows[i] * width, sum);
      }
    }
  }
}
