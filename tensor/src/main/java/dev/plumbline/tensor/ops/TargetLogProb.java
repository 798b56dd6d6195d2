package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Kernels;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.Products;
import dev.plumbline.tensor.engine.Products.Panels;
import dev.plumbline.tensor.engine.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * Log-probability of given target tokens: {@code lp_i = z_i[y_i] - log sum_v exp z_i[v]} with
 * logits {@code z_i = W h[rows_i]}. Only the listed rows reach the vocabulary, each once however
 * many targets follow it, and the logits never exist at once: forward and backward go through the
 * vocabulary in blocks, with the softmax's maximum and sum carried along (Milakov and Gimelshein
 * 2018, Algorithm 3), and the backward pass computes its logits again.
 *
 * <p>Shapes: hidden [n, width]; head W [vocab, width]; rows, targets [m] int32 (a row may appear
 * more than once, where a tree branches); lp, lse [m].
 */
public final class TargetLogProb {
  /** Words of the vocabulary that are worked on at once. */
  private static final int WORDS = 1024;

  /** Rows whose logit gradients for one block of words wait for the weight's gradient. */
  private static final int ROWS = 512;

  private static final Kernels KERNELS = Kernels.BEST;

  // Tiles of the shared scratch space.
  private static final int HEAD = 0;
  private static final int HEAD_PLAIN = 1;
  private static final int HIDDEN = 2;
  private static final int HIDDEN_PACKED = 3;
  private static final int D_HIDDEN = 4;
  private static final int LOGITS = 5;
  private static final int D_HEAD = 6;

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

  /**
   * The distinct rows among the entries, with the entries of each: those of row u are {@code
   * entries[first[u] .. first[u + 1])}, in rising order.
   */
  private record Groups(int[] rows, int[] first, int[] entries) {
    /**
     * Groups the entries of {@code kept}; {@code tokens} is the number of rows of the hidden
     * states.
     */
    static Groups of(int[] rows, int[] kept, int tokens) {
      int[] place = new int[tokens]; // 1 + index among the distinct rows
      int[] distinct = new int[kept.length];
      int[] counts = new int[kept.length + 1];
      int found = 0;
      for (int e : kept) {
        if (place[rows[e]] == 0) {
          distinct[found++] = rows[e];
          place[rows[e]] = found;
        }
        counts[place[rows[e]]]++;
      }
      int[] first = Arrays.copyOf(counts, found + 1);
      Arrays.parallelPrefix(first, Integer::sum);
      int[] entries = new int[kept.length];
      int[] next = first.clone();
      for (int e : kept) {
        entries[next[place[rows[e]] - 1]++] = e;
      }
      return new Groups(Arrays.copyOf(distinct, found), first, entries);
    }

    int size() {
      return rows.length;
    }

    /** The hidden states of the rows, side by side in a tile. */
    float[] gather(FloatBuffer hidden, int width) {
      int stride = Kernels.padded(width);
      float[] h = Workers.shared().tile(HIDDEN, rows.length * stride);
      Workers.forChunks(
          rows.length,
          Products.CHUNK,
          (from, to, worker) -> {
            for (int u = from; u < to; u++) {
              hidden.get(rows[u] * width, h, u * stride, width);
            }
          });
      return h;
    }
  }

  /** Rows of the head for one block of words; the head may be larger than one buffer can be. */
  private static FloatBuffer words(INDArray head, int first, int count) {
    long width = head.size(1);
    return Memory.view(Memory.pointer(head), first * width, count * width);
  }

  private static Panels headTransposed(INDArray head, int first, int count) {
    int width = (int) head.size(1);
    float[] data = Workers.shared().tile(HEAD, Panels.size(width, WORDS));
    return Products.transposed(words(head, first, count), count, width, data);
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
      int stride = Kernels.padded(width);
      int vocab = (int) in[1].size(0);
      int[] targets = Memory.ints(in[3]);
      int m = targets.length;
      int[] all = new int[m];
      Arrays.setAll(all, i -> i);
      Groups groups = Groups.of(Memory.ints(in[2]), all, (int) in[0].size(0));
      float[] h = groups.gather(Memory.view(in[0]), width);
      float[] max = new float[groups.size()];
      float[] sum = new float[groups.size()];
      Arrays.fill(max, Float.NEGATIVE_INFINITY);
      float[] lp = new float[m]; // the target's logit until the sum is known
      for (int word = 0; word < vocab; word += WORDS) {
        int first = word;
        int count = Math.min(WORDS, vocab - word);
        int columns = Kernels.padded(count);
        Panels head = headTransposed(in[1], first, count);
        Workers.forChunks(
            groups.size(),
            Products.CHUNK,
            (from, to, worker) -> {
              float[] z = Workers.scratch(worker).tile(0, Products.CHUNK * columns);
              head.multiply(to - from, h, from * stride, stride, z, 0, columns, false);
              for (int u = from; u < to; u++) {
                int at = (u - from) * columns;
                for (int i = groups.first()[u]; i < groups.first()[u + 1]; i++) {
                  int entry = groups.entries()[i];
                  int target = targets[entry] - first;
                  if (target >= 0 && target < count) {
                    lp[entry] = z[at + target];
                  }
                }
                float higher = Math.max(max[u], KERNELS.max(z, at, count));
                sum[u] *= (float) Math.exp(max[u] - higher);
                sum[u] += KERNELS.expSum(z, at, count, 1f, higher);
                max[u] = higher;
              }
            });
      }
      float[] lse = new float[m];
      for (int u = 0; u < groups.size(); u++) {
        float logSum = max[u] + (float) Math.log(sum[u]);
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
      boolean frozen = arg(1).isConstant();
      SDVariable[] outputs =
          new Backward(
                  sameDiff,
                  new SDVariable[] {
                    arg(0), arg(1), arg(2), arg(3), outputVariables()[1], gradients.get(0)
                  },
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
   * With {@code dz_u = sum_i g_i onehot(y_i) - (sum_i g_i) softmax(z_u)} over the entries i of row
   * u: {@code dh_u = W^T dz_u} and {@code dW = sum_u dz_u h_u^T}. Entries whose gradient is 0 are
   * left out. Inputs hidden, head, rows, targets, lse, dlp. Integer argument: 1 when the head is
   * frozen.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, boolean frozen) {
      super(sd, inputs);
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
      int stride = Kernels.padded(width);
      int vocab = (int) in[1].size(0);
      float[] lse = new float[(int) in[4].length()];
      float[] gradient = new float[(int) in[5].length()];
      Memory.view(in[4]).get(0, lse);
      Memory.view(in[5]).get(0, gradient);
      Groups groups = Groups.of(Memory.ints(in[2]), nonZero(gradient), (int) in[0].size(0));
      float[] h = groups.gather(Memory.view(in[0]), width);
      float[] dh = Workers.shared().tile(D_HIDDEN, groups.size() * stride);
      Logits logits = new Logits(groups, Memory.ints(in[3]), gradient, lse, h, dh, width);
      boolean trained = out.length > 1;
      Panels packed = trained ? logits.packHidden() : null;
      for (int word = 0; word < vocab; word += WORDS) {
        int count = Math.min(WORDS, vocab - word);
        float[] dHead = Workers.shared().tile(D_HEAD, WORDS * stride);
        Panels head = headTransposed(in[1], word, count);
        Panels plain =
            Products.plain(
                words(in[1], word, count),
                count,
                width,
                Workers.shared().tile(HEAD_PLAIN, Panels.size(WORDS, width)));
        for (int row = 0; row < groups.size(); row += ROWS) {
          int to = Math.min(groups.size(), row + ROWS);
          logits.differentiate(row, to, word, count, head, plain);
          if (trained) {
            logits.ontoHead(row, to, count, packed, dHead);
          }
        }
        if (trained) {
          if (groups.size() == 0) {
            Arrays.fill(dHead, 0, count * stride, 0f);
          }
          Products.store(words(out[1], word, count), width, 0, count, dHead);
        }
      }
      Memory.zero(Memory.pointer(out[0]), out[0].length());
      FloatBuffer dHidden = Memory.view(out[0]);
      for (int u = 0; u < groups.size(); u++) {
        dHidden.put(groups.rows()[u] * width, dh, u * stride, width);
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
  }

  /** The logit gradients of some rows for one block of words, and where they flow. */
  private record Logits(
      Groups groups,
      int[] targets,
      float[] gradient,
      float[] lse,
      float[] h,
      float[] dh,
      int width) {
    /** An odd number of cache lines a row, so that columns do not fall into the same cache sets. */
    private static final int Z_STRIDE = WORDS + Kernels.ALIGN;

    Panels packHidden() {
      int stride = Kernels.padded(width);
      float[] data = Workers.shared().tile(HIDDEN_PACKED, Panels.size(groups.size(), width));
      return Products.packed(
          groups.size(),
          width,
          (from, to, tile, scratch) ->
              System.arraycopy(h, from * stride, tile, 0, (to - from) * stride),
          data);
    }

    /** {@code dz} of rows {@code [row, to)} into the shared tile, and {@code dh (+)= dz W}. */
    void differentiate(int row, int to, int word, int count, Panels head, Panels plain) {
      int stride = Kernels.padded(width);
      float[] z = Workers.shared().tile(LOGITS, ROWS * Z_STRIDE);
      Workers.forChunks(
          to - row,
          Products.CHUNK,
          (begin, end, worker) -> {
            int at = begin * Z_STRIDE;
            int from = (row + begin) * stride;
            head.multiply(end - begin, h, from, stride, z, at, Z_STRIDE, false);
            for (int u = row + begin; u < row + end; u++) {
              dz(u, word, count, z, (u - row) * Z_STRIDE);
            }
            plain.multiply(end - begin, z, at, Z_STRIDE, dh, from, stride, word > 0);
          });
    }

    private void dz(int u, int word, int count, float[] z, int at) {
      float total = 0;
      for (int i = groups.first()[u]; i < groups.first()[u + 1]; i++) {
        total += gradient[groups.entries()[i]];
      }
      KERNELS.expSum(z, at, count, 1f, lse[groups.entries()[groups.first()[u]]]); // softmax
      KERNELS.scale(z, at, count, -total);
      for (int i = groups.first()[u]; i < groups.first()[u + 1]; i++) {
        int target = targets[groups.entries()[i]] - word;
        if (target >= 0 && target < count) {
          z[at + target] += gradient[groups.entries()[i]];
        }
      }
    }

    /** {@code dHead[count, width] (+)= dz^T h} over rows {@code [row, to)}. */
    void ontoHead(int row, int to, int count, Panels packed, float[] dHead) {
      int stride = Kernels.padded(width);
      float[] z = Workers.shared().tile(LOGITS, ROWS * Z_STRIDE);
      Workers.forChunks(
          count,
          Products.CHUNK,
          (from, end, worker) ->
              packed.multiplyTransposed(
                  row,
                  to - row,
                  end - from,
                  z,
                  from,
                  Z_STRIDE,
                  dHead,
                  from * stride,
                  stride,
                  row > 0));
    }
  }
}
