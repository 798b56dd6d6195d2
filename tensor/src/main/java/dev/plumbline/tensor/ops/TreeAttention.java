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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Causal grouped-query attention (Vaswani et al. 2017, Eq. 1; Ainslie et al. 2023) over token
 * trees: a token attends to itself, to the earlier tokens of its segment and to all tokens of the
 * segments above it. A plain sequence is a tree of one segment.
 *
 * <p>{@code o_h = softmax(q_h k_g^T / sqrt(headDim)) v_g} with {@code g = h / (heads / kvHeads)}.
 *
 * <p>Shapes: q, o [n, heads * headDim]; k, v [n, kvHeads * headDim]; segments [s, 4] int32 with
 * start, length, parent segment (-1 for a root) and tree, parents before children and trees
 * contiguous; lse [n, heads], the logarithm of each row's softmax denominator. The composed form
 * wants trees padded to one length: mask [trees, length, length] holds 0 where a token may look and
 * -1e9 elsewhere.
 */
public final class TreeAttention {
  /** Query rows that share one matrix product. */
  private static final int BLOCK = 64;

  private TreeAttention() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd,
      SDVariable q,
      SDVariable k,
      SDVariable v,
      SDVariable mask,
      int heads,
      int kvHeads,
      int headDim) {
    SDVariable shape = sd.shape(mask).castTo(DataType.INT64);
    SDVariable b = sd.stridedSlice(shape, new long[] {0}, new long[] {1}, 1); // [1]
    SDVariable t = sd.stridedSlice(shape, new long[] {1}, new long[] {2}, 1); // [1]
    int group = heads / kvHeads;
    SDVariable perTree = split(sd, q, heads, headDim, b, t); // [b, heads, t, headDim]
    SDVariable keys = split(sd, k, kvHeads, headDim, b, t);
    SDVariable values = split(sd, v, kvHeads, headDim, b, t);
    SDVariable groupRows = t.mul(constant(sd, group));
    // Folding each group's queries into rows lets one product serve all heads that share a key.
    SDVariable queries =
        sd.reshape(
            perTree, sd.concat(0, b, constant(sd, kvHeads), groupRows, constant(sd, headDim)));
    SDVariable scores =
        new Mmul(sd, queries, keys, false, true, false)
            .outputVariable()
            .mul(1 / Math.sqrt(headDim));
    SDVariable perHead =
        sd.reshape(scores, sd.concat(0, b, constant(sd, heads), t, t)); // [b, heads, t, t]
    SDVariable probabilities = sd.nn().softmax(perHead.add(sd.expandDims(mask, 1)), 3);
    SDVariable grouped =
        sd.reshape(probabilities, sd.concat(0, b, constant(sd, kvHeads), groupRows, t));
    SDVariable mixed = new Mmul(sd, grouped, values, false, false, false).outputVariable();
    SDVariable out =
        sd.reshape(mixed, sd.concat(0, b, constant(sd, heads), t, constant(sd, headDim)));
    return sd.reshape(sd.permute(out, 0, 2, 1, 3), -1, (long) heads * headDim);
  }

  /** [n, heads * headDim] to [b, heads, t, headDim]. */
  private static SDVariable split(
      SameDiff sd, SDVariable x, int heads, int headDim, SDVariable b, SDVariable t) {
    SDVariable shape = sd.concat(0, b, t, constant(sd, heads), constant(sd, headDim));
    return sd.permute(sd.reshape(x, shape), 0, 2, 1, 3);
  }

  private static SDVariable constant(SameDiff sd, long value) {
    return sd.constant(Nd4j.createFromArray(value));
  }

  /**
   * The runs of tokens that a segment sees, ancestors first and itself last; widths add up to the
   * row's length.
   */
  private record Context(int[] starts, int[] lengths, int ancestorTokens) {
    static Context of(int[] segments, int segment) {
      int depth = 0;
      for (int s = segment; s >= 0; s = segments[4 * s + 2]) {
        depth++;
      }
      int[] starts = new int[depth];
      int[] lengths = new int[depth];
      int total = 0;
      for (int s = segment, i = depth - 1; s >= 0; s = segments[4 * s + 2], i--) {
        starts[i] = segments[4 * s];
        lengths[i] = segments[4 * s + 1];
        total += lengths[i];
      }
      return new Context(starts, lengths, total - lengths[depth - 1]);
    }

    int runs() {
      return starts.length;
    }
  }

  /** Segment ranges of each tree: tree i holds segments [first[i], first[i + 1]). */
  private static int[] treeBounds(int[] segments) {
    int count = segments.length / 4;
    int[] bounds = new int[count + 1];
    int trees = 0;
    for (int s = 0; s < count; s++) {
      if (s == 0 || segments[4 * s + 3] != segments[4 * (s - 1) + 3]) {
        bounds[trees++] = s;
      }
    }
    bounds[trees] = count;
    return Arrays.copyOf(bounds, trees + 1);
  }

  /** Dimensions that both directions share. */
  private record Dims(int heads, int kvHeads, int headDim) {
    int group() {
      return heads / kvHeads;
    }

    int qWidth() {
      return heads * headDim;
    }

    int kvWidth() {
      return kvHeads * headDim;
    }

    float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }
  }

  /**
   * {@code block[m, width] = a_rows k_runs^T} for all tokens that rows [r0, r1) of a segment may
   * see.
   */
  private static void againstContext(
      FloatPointer block,
      FloatPointer a,
      long aOffset,
      int aWidth,
      FloatPointer b,
      int bColumn,
      int bWidth,
      Context context,
      int r1,
      int rows,
      int headDim) {
    int width = context.ancestorTokens() + r1;
    int column = 0;
    for (int run = 0; run < context.runs(); run++) {
      int length = run == context.runs() - 1 ? r1 : context.lengths()[run];
      Blas.gemm(
          false,
          true,
          rows,
          length,
          headDim,
          1f,
          a,
          aOffset,
          aWidth,
          b,
          (long) context.starts()[run] * bWidth + bColumn,
          bWidth,
          0f,
          block,
          column,
          width);
      column += length;
    }
  }

  /** Fused body. Integer arguments: heads, kvHeads, headDim. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(
        SameDiff sd,
        SDVariable q,
        SDVariable k,
        SDVariable v,
        SDVariable segments,
        int heads,
        int kvHeads,
        int headDim) {
      super(sd, q, k, v, segments);
      addIArgument(heads, kvHeads, headDim);
    }

    @Override
    public int getNumOutputs() {
      return 2;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], {in[0][0], intArgument(0)}};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      Dims dims = new Dims(intArgument(0), intArgument(1), intArgument(2));
      FloatPointer q = Memory.pointer(in[0]);
      FloatPointer k = Memory.pointer(in[1]);
      FloatPointer v = Memory.pointer(in[2]);
      FloatPointer o = Memory.pointer(out[0]);
      FloatBuffer lse = Memory.view(out[1]);
      int[] segments = in[3].dup().data().asInt();
      int count = segments.length / 4;
      Context[] contexts = new Context[count];
      for (int s = 0; s < count; s++) {
        contexts[s] = Context.of(segments, s);
      }
      Workers.forChunks(
          count * dims.heads(),
          1,
          (from, to, worker) -> {
            for (int task = from; task < to; task++) {
              attend(
                  dims,
                  contexts[task / dims.heads()],
                  task % dims.heads(),
                  q,
                  k,
                  v,
                  o,
                  lse,
                  Workers.scratch(worker));
            }
          });
    }

    private static void attend(
        Dims dims,
        Context context,
        int head,
        FloatPointer q,
        FloatPointer k,
        FloatPointer v,
        FloatPointer o,
        FloatBuffer lse,
        Scratch scratch) {
      int last = context.runs() - 1;
      int start = context.starts()[last];
      int length = context.lengths()[last];
      int kvColumn = head / dims.group() * dims.headDim();
      for (int r0 = 0; r0 < length; r0 += BLOCK) {
        int r1 = Math.min(length, r0 + BLOCK);
        int rows = r1 - r0;
        int width = context.ancestorTokens() + r1;
        long qOffset = (long) (start + r0) * dims.qWidth() + (long) head * dims.headDim();
        FloatPointer block = scratch.block(0, (long) rows * width);
        float[] scores = scratch.tile(0, rows * width);
        againstContext(
            block,
            q,
            qOffset,
            dims.qWidth(),
            k,
            kvColumn,
            dims.kvWidth(),
            context,
            r1,
            rows,
            dims.headDim());
        scratch.view(0).get(0, scores, 0, rows * width);
        for (int i = 0; i < rows; i++) {
          int from = i * width;
          int visible = context.ancestorTokens() + r0 + i + 1;
          float max = RowKernels.max(scores, from, visible) * dims.scale();
          float sum = RowKernels.expSum(scores, from, visible, dims.scale(), max);
          RowKernels.scale(scores, from, visible, 1 / sum);
          Arrays.fill(scores, from + visible, from + width, 0f);
          lse.put((start + r0 + i) * dims.heads() + head, max + (float) Math.log(sum));
        }
        scratch.view(0).put(0, scores, 0, rows * width);
        int column = 0;
        for (int run = 0; run <= last; run++) {
          int seen = run == last ? r1 : context.lengths()[run];
          Blas.gemm(
              false,
              false,
              rows,
              dims.headDim(),
              seen,
              1f,
              block,
              column,
              width,
              v,
              (long) context.starts()[run] * dims.kvWidth() + kvColumn,
              dims.kvWidth(),
              run == 0 ? 0f : 1f,
              o,
              qOffset,
              dims.qWidth());
          column += seen;
        }
      }
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      SDVariable[] outputs = outputVariables();
      SDVariable[] result =
          new Backward(
                  sameDiff,
                  new SDVariable[] {
                    arg(0), arg(1), arg(2), arg(3), outputs[0], outputs[1], gradients.get(0)
                  },
                  intArgument(0),
                  intArgument(1),
                  intArgument(2))
              .outputVariables();
      return List.of(result[0], result[1], result[2], noGradient(arg(3)));
    }
  }

  /**
   * Gradients of q, k and v (Dao et al. 2022, Algorithm 4): probabilities are recomputed from lse.
   * One task is one tree and one key head, whose gradients therefore add up in a fixed order.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, int heads, int kvHeads, int headDim) {
      super(sd, inputs);
      addIArgument(heads, kvHeads, headDim);
    }

    @Override
    public int getNumOutputs() {
      return 3;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], in[1], in[2]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      Dims dims = new Dims(intArgument(0), intArgument(1), intArgument(2));
      int[] segments = in[3].dup().data().asInt();
      int[] trees = treeBounds(segments);
      Pointers p =
          new Pointers(
              Memory.pointer(in[0]),
              Memory.pointer(in[1]),
              Memory.pointer(in[2]),
              Memory.pointer(in[6]),
              Memory.pointer(out[0]),
              Memory.pointer(out[1]),
              Memory.pointer(out[2]),
              Memory.view(in[4]),
              Memory.view(in[5]),
              Memory.view(in[6]));
      Memory.zero(p.dk(), out[1].length());
      Memory.zero(p.dv(), out[2].length());
      int tasks = (trees.length - 1) * dims.kvHeads();
      Workers.forChunks(
          tasks,
          1,
          (from, to, worker) -> {
            for (int task = from; task < to; task++) {
              int tree = task / dims.kvHeads();
              int kvHead = task % dims.kvHeads();
              for (int s = trees[tree]; s < trees[tree + 1]; s++) {
                Context context = Context.of(segments, s);
                for (int r = 0; r < dims.group(); r++) {
                  differentiate(
                      dims, context, kvHead * dims.group() + r, p, Workers.scratch(worker));
                }
              }
            }
          });
    }

    private record Pointers(
        FloatPointer q,
        FloatPointer k,
        FloatPointer v,
        FloatPointer g,
        FloatPointer dq,
        FloatPointer dk,
        FloatPointer dv,
        FloatBuffer o,
        FloatBuffer lse,
        FloatBuffer gView) {}

    private static void differentiate(
        Dims dims, Context context, int head, Pointers p, Scratch scratch) {
      int last = context.runs() - 1;
      int start = context.starts()[last];
      int length = context.lengths()[last];
      int kvColumn = head / dims.group() * dims.headDim();
      int headDim = dims.headDim();
      for (int r0 = 0; r0 < length; r0 += BLOCK) {
        int r1 = Math.min(length, r0 + BLOCK);
        int rows = r1 - r0;
        int width = context.ancestorTokens() + r1;
        long qOffset = (long) (start + r0) * dims.qWidth() + (long) head * headDim;
        FloatPointer probabilities = scratch.block(0, (long) rows * width);
        FloatPointer dScores = scratch.block(1, (long) rows * width);
        float[] prob = scratch.tile(0, rows * width);
        float[] d = scratch.tile(1, rows * width);
        againstContext(
            probabilities,
            p.q(),
            qOffset,
            dims.qWidth(),
            p.k(),
            kvColumn,
            dims.kvWidth(),
            context,
            r1,
            rows,
            headDim);
        againstContext(
            dScores,
            p.g(),
            qOffset,
            dims.qWidth(),
            p.v(),
            kvColumn,
            dims.kvWidth(),
            context,
            r1,
            rows,
            headDim);
        scratch.view(0).get(0, prob, 0, rows * width);
        scratch.view(1).get(0, d, 0, rows * width);
        softmaxBackward(dims, context, head, p, scratch, r0, rows, width, prob, d);
        scratch.view(0).put(0, prob, 0, rows * width);
        scratch.view(1).put(0, d, 0, rows * width);
        int column = 0;
        for (int run = 0; run <= last; run++) {
          int seen = run == last ? r1 : context.lengths()[run];
          long kv = (long) context.starts()[run] * dims.kvWidth() + kvColumn;
          Blas.gemm(
              false,
              false,
              rows,
              headDim,
              seen,
              1f,
              dScores,
              column,
              width,
              p.k(),
              kv,
              dims.kvWidth(),
              run == 0 ? 0f : 1f,
              p.dq(),
              qOffset,
              dims.qWidth());
          Blas.gemm(
              true,
              false,
              seen,
              headDim,
              rows,
              1f,
              dScores,
              column,
              width,
              p.q(),
              qOffset,
              dims.qWidth(),
              1f,
              p.dk(),
              kv,
              dims.kvWidth());
          Blas.gemm(
              true,
              false,
              seen,
              headDim,
              rows,
              1f,
              probabilities,
              column,
              width,
              p.g(),
              qOffset,
              dims.qWidth(),
              1f,
              p.dv(),
              kv,
              dims.kvWidth());
          column += seen;
        }
      }
    }

    /**
     * {@code P = exp(s - lse)}, {@code dS = P (dP - sum_j dO_j O_j) / sqrt(headDim)}, both zero
     * where unseen.
     */
    private static void softmaxBackward(
        Dims dims,
        Context context,
        int head,
        Pointers p,
        Scratch scratch,
        int r0,
        int rows,
        int width,
        float[] prob,
        float[] d) {
      int headDim = dims.headDim();
      float[] oRow = scratch.tile(2, headDim);
      float[] gRow = scratch.tile(3, headDim);
      int start = context.starts()[context.runs() - 1];
      for (int i = 0; i < rows; i++) {
        int from = i * width;
        int visible = context.ancestorTokens() + r0 + i + 1;
        int row = (start + r0 + i) * dims.qWidth() + head * headDim;
        p.o().get(row, oRow, 0, headDim);
        p.gView().get(row, gRow, 0, headDim);
        float inner = RowKernels.dot(oRow, 0, gRow, 0, headDim);
        RowKernels.expSum(
            prob, from, visible, dims.scale(), p.lse().get((start + r0 + i) * dims.heads() + head));
        RowKernels.softmaxGradient(prob, d, from, visible, inner, dims.scale());
        Arrays.fill(prob, from + visible, from + width, 0f);
        Arrays.fill(d, from + visible, from + width, 0f);
      }
    }
  }
}
