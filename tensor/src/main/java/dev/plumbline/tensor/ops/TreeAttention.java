package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Causal grouped-query attention (Vaswani et al. 2017, Eq. 1; Ainslie et al. 2023) with rotary
 * positions (Su et al. 2021, Eq. 34; see {@link Rotary}) over token trees: a token attends to
 * itself, to the earlier tokens of its segment and to all tokens of the segments above it; with a
 * window of w only to the last w of these (Jiang et al. 2023, section 2). A plain sequence is a
 * tree of one segment.
 *
 * <p>{@code o_h = softmax(R(q_h) R(k_g)^T / sqrt(headDim)) v_g} with {@code g = h / (heads /
 * kvHeads)} and R the turn by the token's position.
 *
 * <p>Shapes: q, o [n, heads * headDim]; k, v [n, kvHeads * headDim]; cos, sin [n, headDim / 2];
 * segments [s, 4] int32 with start, length, parent segment (-1 for a root) and tree, parents before
 * children and trees contiguous; lse [n, heads], the logarithm of each row's softmax denominator.
 * The composed form wants trees padded to one length: mask [trees, length, length] holds 0 where a
 * token may look and -1e9 elsewhere.
 */
public final class TreeAttention {
  /** Query rows that share one matrix product. */
  private static final int BLOCK = 64;

  private static final Kernels KERNELS = Kernels.BEST;

  private TreeAttention() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd,
      SDVariable q,
      SDVariable k,
      SDVariable v,
      SDVariable cos,
      SDVariable sin,
      SDVariable mask,
      int heads,
      int kvHeads,
      int headDim) {
    SDVariable shape = sd.shape(mask).castTo(DataType.INT64);
    SDVariable b = sd.stridedSlice(shape, new long[] {0}, new long[] {1}, 1); // [1]
    SDVariable t = sd.stridedSlice(shape, new long[] {1}, new long[] {2}, 1); // [1]
    int group = heads / kvHeads;
    SDVariable perTree = // [b, heads, t, headDim]
        split(sd, Rotary.compose(sd, q, cos, sin, heads, headDim), heads, headDim, b, t);
    SDVariable keys =
        split(sd, Rotary.compose(sd, k, cos, sin, kvHeads, headDim), kvHeads, headDim, b, t);
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
   * The runs of tokens that a segment sees, ancestors first and itself last; a row of scores holds
   * them side by side.
   */
  private record Context(int[] starts, int[] lengths, int ancestorTokens) {
    /** Starts count from {@code firstToken}. */
    static Context of(int[] segments, int segment, int firstToken) {
      int depth = 0;
      for (int s = segment; s >= 0; s = segments[4 * s + 2]) {
        depth++;
      }
      int[] starts = new int[depth];
      int[] lengths = new int[depth];
      int total = 0;
      for (int s = segment, i = depth - 1; s >= 0; s = segments[4 * s + 2], i--) {
        starts[i] = segments[4 * s] - firstToken;
        lengths[i] = segments[4 * s + 1];
        total += lengths[i];
      }
      return new Context(starts, lengths, total - lengths[depth - 1]);
    }

    int runs() {
      return starts.length;
    }

    int start() {
      return starts[starts.length - 1];
    }

    int length() {
      return lengths[lengths.length - 1];
    }

    /** Tokens of a run that rows below r1 of the segment may see. */
    int seen(int run, int r1) {
      return run == starts.length - 1 ? r1 : lengths[run];
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
  private record Dims(int heads, int kvHeads, int headDim, int window) {
    int group() {
      return heads / kvHeads;
    }

    /** Floats of one head in a heap row: products write whole vectors, so heads are padded. */
    int head() {
      return Kernels.padded(headDim);
    }

    int qStride() {
      return heads * head();
    }

    int kvStride() {
      return kvHeads * head();
    }

    float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }
  }

  /** Tokens and segments of one tree, with what each segment sees. */
  private record Tree(int firstToken, int tokens, Context[] contexts, int widest) {
    /** Starts of a context count from the first token of the tree. */
    static Tree[] of(int[] segments) {
      int[] bounds = treeBounds(segments);
      Tree[] trees = new Tree[bounds.length - 1];
      for (int t = 0; t < trees.length; t++) {
        int first = segments[4 * bounds[t]];
        int last = bounds[t + 1] - 1;
        int widest = 0;
        Context[] contexts = new Context[bounds[t + 1] - bounds[t]];
        for (int s = bounds[t]; s <= last; s++) {
          Context c = Context.of(segments, s, first);
          contexts[s - bounds[t]] = c;
          widest = Math.max(widest, c.ancestorTokens() + c.length());
        }
        int end = segments[4 * last] + segments[4 * last + 1];
        trees[t] = new Tree(first, end - first, contexts, widest);
      }
      return trees;
    }

    /** Floats of a row over all tokens: a run may be read up to the next whole vector. */
    int stride() {
      return Kernels.padded(tokens + Kernels.ALIGN);
    }

    /** Floats of a row of scores. */
    int scoreStride() {
      return Kernels.padded(widest + Kernels.ALIGN);
    }
  }

  // Tiles of the workers.
  private static final int K_TRANSPOSED = Scratch.FREE;
  private static final int V_TRANSPOSED = Scratch.FREE + 1;
  private static final int SCORES = Scratch.FREE + 2;
  private static final int D_SCORES = Scratch.FREE + 3;

  // Tiles of the shared scratch space, all tokens of the batch each.
  private static final int Q = 0;
  private static final int K = 1;
  private static final int V = 2;
  private static final int OUT = 3;
  private static final int GRADIENT = 4;
  private static final int D_Q = 5;
  private static final int D_K = 6;
  private static final int D_V = 7;
  private static final int LSE = 8;
  private static final int INNER = 9;

  /** Copies rows of [n, heads * headDim] to the heap, heads padded. */
  private static void load(FloatBuffer array, int heads, Dims dims, int from, int to, float[] out) {
    long start = Profile.start();
    int width = heads * dims.headDim();
    if (dims.head() == dims.headDim()) {
      array.get(from * width, out, from * width, (to - from) * width);
    } else {
      for (int i = from * heads; i < to * heads; i++) {
        array.get(i * dims.headDim(), out, i * dims.head(), dims.headDim());
      }
    }
    Profile.end(Profile.Part.COPY, start);
  }

  /** The way back. */
  private static void store(float[] rows, int heads, Dims dims, int from, int to, FloatBuffer out) {
    long start = Profile.start();
    int width = heads * dims.headDim();
    if (dims.head() == dims.headDim()) {
      out.put(from * width, rows, from * width, (to - from) * width);
    } else {
      for (int i = from * heads; i < to * heads; i++) {
        out.put(i * dims.headDim(), rows, i * dims.head(), dims.headDim());
      }
    }
    Profile.end(Profile.Part.COPY, start);
  }

  /** Angles of all tokens on the heap. */
  private record Angles(float[] cos, float[] sin, int half) {
    static Angles of(INDArray cos, INDArray sin) {
      float[] c = new float[(int) cos.length()];
      float[] s = new float[(int) sin.length()];
      Memory.view(cos).get(0, c);
      Memory.view(sin).get(0, s);
      return new Angles(c, s, (int) cos.size(1));
    }

    /** Turns all heads of rows {@code [from, to)}; sign -1 turns back. */
    void turn(float[] rows, int heads, Dims dims, int from, int to, float sign) {
      long start = Profile.start();
      for (int i = from; i < to; i++) {
        for (int h = 0; h < heads; h++) {
          int at = (i * heads + h) * dims.head();
          KERNELS.turn(rows, at, 1, dims.headDim(), cos, sin, i * half, sign);
        }
      }
      Profile.end(Profile.Part.ELEMENTWISE, start);
    }
  }

  /** {@code out[j, t] = rows[t, j]} of one head: keys or values as a product's right-hand side. */
  private static float[] transposed(
      float[] rows, int kvHead, int slot, Tree tree, Dims dims, Scratch scratch) {
    long start = Profile.start();
    int stride = tree.stride();
    float[] out = scratch.tile(slot, dims.headDim() * stride);
    int from = tree.firstToken() * dims.kvStride() + kvHead * dims.head();
    for (int t0 = 0; t0 < tree.tokens(); t0 += 16) { // a cache line of every row of out
      int t1 = Math.min(tree.tokens(), t0 + 16);
      for (int j = 0; j < dims.headDim(); j++) {
        for (int t = t0; t < t1; t++) {
          out[j * stride + t] = rows[from + t * dims.kvStride() + j];
        }
      }
    }
    Profile.end(Profile.Part.PACK, start);
    return out;
  }

  /** Rows {@code [r0, r1)} of a segment under one query head: what one set of products works on. */
  private record Block(Tree tree, Context context, int head, int r0, int r1, Dims dims) {
    int rows() {
      return r1 - r0;
    }

    /** First token in the batch. */
    int token() {
      return tree.firstToken() + context.start() + r0;
    }

    /** Where the block's rows start in an array like q. */
    int q() {
      return token() * dims.qStride() + head * dims.head();
    }

    /** Where a run's rows start in an array like k. */
    int kv(int run) {
      return (tree.firstToken() + context.starts()[run]) * dims.kvStride()
          + head / dims.group() * dims.head();
    }

    /** Tokens that row i of the block sees. */
    int visible(int i) {
      return context.ancestorTokens() + r0 + i + 1;
    }

    /**
     * The first tokens of these, which lie outside the window; a token's column is its position.
     */
    int unseen(int i) {
      return dims.window() == 0 ? 0 : Math.max(0, visible(i) - dims.window());
    }

    /** Tokens that the last row sees: columns of the scores. */
    int columns() {
      return context.ancestorTokens() + r1;
    }

    /**
     * {@code scores = a b^T} for the runs that the block sees; b transposed, tokens in columns. A
     * product writes whole vectors, so runs go from left to right: each overwrites what the one
     * before it wrote too much.
     */
    void againstRuns(float[] a, float[] b, float[] scores) {
      long start = Profile.start();
      int column = 0;
      for (int run = 0; run < context.runs(); run++) {
        int seen = context.seen(run, r1);
        KERNELS.product(
            rows(),
            seen,
            dims.headDim(),
            a,
            q(),
            dims.qStride(),
            1,
            b,
            context.starts()[run],
            tree.stride(),
            scores,
            column,
            tree.scoreStride(),
            false);
        column += seen;
      }
      Profile.end(Profile.Part.PRODUCT, start);
    }

    /** {@code out = scores b} over the same runs; out like q, b like k. */
    void alongRuns(float[] scores, float[] b, float[] out) {
      long start = Profile.start();
      int column = 0;
      for (int run = 0; run < context.runs(); run++) {
        int seen = context.seen(run, r1);
        KERNELS.product(
            rows(),
            dims.headDim(),
            seen,
            scores,
            column,
            tree.scoreStride(),
            1,
            b,
            kv(run),
            dims.kvStride(),
            out,
            q(),
            dims.qStride(),
            run > 0);
        column += seen;
      }
      Profile.end(Profile.Part.PRODUCT, start);
    }

    /** {@code out += scores^T b} over the same runs; out like k, b like q. */
    void ontoRuns(float[] scores, float[] b, float[] out) {
      long start = Profile.start();
      int column = 0;
      for (int run = 0; run < context.runs(); run++) {
        int seen = context.seen(run, r1);
        KERNELS.product(
            seen,
            dims.headDim(),
            rows(),
            scores,
            column,
            1,
            tree.scoreStride(),
            b,
            q(),
            dims.qStride(),
            out,
            kv(run),
            dims.kvStride(),
            true);
        column += seen;
      }
      Profile.end(Profile.Part.PRODUCT, start);
    }
  }

  /** What a task does: the blocks of one tree under the query heads that share one key head. */
  @FunctionalInterface
  private interface Task {
    void run(Tree tree, int kvHead, List<Block> blocks, Scratch scratch);
  }

  /** Runs a task for every tree and key head; their results touch no common memory. */
  private static void forTasks(INDArray segments, Dims dims, Task body) {
    Tree[] trees = Tree.of(Memory.ints(segments));
    Workers.forChunks(
        trees.length * dims.kvHeads(),
        1,
        (from, to, worker) -> {
          for (int task = from; task < to; task++) {
            Tree tree = trees[task / dims.kvHeads()];
            int kvHead = task % dims.kvHeads();
            List<Block> blocks = new ArrayList<>();
            for (Context context : tree.contexts()) {
              for (int head = kvHead * dims.group(); head < (kvHead + 1) * dims.group(); head++) {
                for (int r0 = 0; r0 < context.length(); r0 += BLOCK) {
                  int r1 = Math.min(context.length(), r0 + BLOCK);
                  blocks.add(new Block(tree, context, head, r0, r1, dims));
                }
              }
            }
            body.run(tree, kvHead, blocks, Workers.scratch(worker));
          }
        });
  }

  private static float[] shared(int slot, int n, int stride) {
    return Workers.shared().tile(slot, n * stride + Kernels.ALIGN);
  }

  /**
   * Fused body. Inputs q, k, v, cos, sin, segments. Integer arguments: heads, kvHeads, headDim,
   * window.
   */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable[] inputs, int... dims) {
      super(sd, inputs);
      addIArgument(dims);
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
      Dims dims = new Dims(intArgument(0), intArgument(1), intArgument(2), intArgument(3));
      int n = (int) in[0].size(0);
      Angles angles = Angles.of(in[3], in[4]);
      FloatBuffer q = Memory.view(in[0]);
      FloatBuffer k = Memory.view(in[1]);
      FloatBuffer v = Memory.view(in[2]);
      float[] queries = shared(Q, n, dims.qStride());
      float[] keys = shared(K, n, dims.kvStride());
      float[] values = shared(V, n, dims.kvStride());
      float[] o = shared(OUT, n, dims.qStride());
      float[] lse = shared(LSE, n, dims.heads());
      Workers.forChunks(
          n,
          BLOCK,
          (from, to, worker) -> {
            load(q, dims.heads(), dims, from, to, queries);
            load(k, dims.kvHeads(), dims, from, to, keys);
            load(v, dims.kvHeads(), dims, from, to, values);
            angles.turn(queries, dims.heads(), dims, from, to, 1f);
            angles.turn(keys, dims.kvHeads(), dims, from, to, 1f);
          });
      forTasks(
          in[5],
          dims,
          (tree, kvHead, blocks, scratch) -> {
            float[] k2 = transposed(keys, kvHead, K_TRANSPOSED, tree, dims, scratch);
            float[] scores = scratch.tile(SCORES, BLOCK * tree.scoreStride());
            for (Block block : blocks) {
              block.againstRuns(queries, k2, scores);
              long start = Profile.start();
              for (int i = 0; i < block.rows(); i++) {
                int at = i * tree.scoreStride();
                int row = (block.token() + i) * dims.heads() + block.head();
                int unseen = block.unseen(i);
                Arrays.fill(scores, at, at + unseen, 0f);
                lse[row] =
                    KERNELS.softmax(
                        scores,
                        at + unseen,
                        block.visible(i) - unseen,
                        block.columns() - unseen,
                        dims.scale());
              }
              Profile.end(Profile.Part.ELEMENTWISE, start);
              block.alongRuns(scores, values, o);
            }
          });
      FloatBuffer result = Memory.view(out[0]);
      Workers.forChunks(
          n, BLOCK, (from, to, worker) -> store(o, dims.heads(), dims, from, to, result));
      Memory.view(out[1]).put(0, lse, 0, n * dims.heads());
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      SDVariable[] outputs = outputVariables();
      SDVariable[] inputs = Arrays.copyOf(args(), 9);
      inputs[6] = outputs[0];
      inputs[7] = outputs[1];
      inputs[8] = gradients.get(0);
      SDVariable[] result =
          new Backward(
                  sameDiff, inputs, intArgument(0), intArgument(1), intArgument(2), intArgument(3))
              .outputVariables();
      return List.of(
          result[0],
          result[1],
          result[2],
          noGradient(arg(3)),
          noGradient(arg(4)),
          noGradient(arg(5)));
    }
  }

  /**
   * Gradients of q, k and v (Dao et al. 2022, Algorithm 4): probabilities are recomputed from lse.
   * Inputs q, k, v, cos, sin, segments, o, lse, do.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, int... dims) {
      super(sd, inputs);
      addIArgument(dims);
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
      Dims dims = new Dims(intArgument(0), intArgument(1), intArgument(2), intArgument(3));
      int n = (int) in[0].size(0);
      Angles angles = Angles.of(in[3], in[4]);
      float[] q = shared(Q, n, dims.qStride());
      float[] k = shared(K, n, dims.kvStride());
      float[] v = shared(V, n, dims.kvStride());
      float[] g = shared(GRADIENT, n, dims.qStride());
      float[] dq = shared(D_Q, n, dims.qStride());
      float[] dk = shared(D_K, n, dims.kvStride());
      float[] dv = shared(D_V, n, dims.kvStride());
      float[] inner = shared(INNER, n, dims.heads()); // sum_j dO_j O_j of each row and head
      float[] lse = shared(LSE, n, dims.heads());
      Memory.view(in[7]).get(0, lse, 0, n * dims.heads());
      FloatBuffer[] source = {
        Memory.view(in[0]),
        Memory.view(in[1]),
        Memory.view(in[2]),
        Memory.view(in[6]),
        Memory.view(in[8])
      };
      float[] o = shared(OUT, n, dims.qStride());
      Workers.forChunks(
          n,
          BLOCK,
          (from, to, worker) -> {
            load(source[0], dims.heads(), dims, from, to, q);
            load(source[1], dims.kvHeads(), dims, from, to, k);
            load(source[2], dims.kvHeads(), dims, from, to, v);
            load(source[3], dims.heads(), dims, from, to, o);
            load(source[4], dims.heads(), dims, from, to, g);
            angles.turn(q, dims.heads(), dims, from, to, 1f);
            angles.turn(k, dims.kvHeads(), dims, from, to, 1f);
            for (int i = from * dims.heads(); i < to * dims.heads(); i++) {
              int at = i * dims.head();
              inner[i] = KERNELS.dot(o, at, g, at, dims.headDim());
            }
            Arrays.fill(dk, from * dims.kvStride(), to * dims.kvStride(), 0f);
            Arrays.fill(dv, from * dims.kvStride(), to * dims.kvStride(), 0f);
          });
      forTasks(
          in[5],
          dims,
          (tree, kvHead, blocks, scratch) -> {
            float[] k2 = transposed(k, kvHead, K_TRANSPOSED, tree, dims, scratch);
            float[] v2 = transposed(v, kvHead, V_TRANSPOSED, tree, dims, scratch);
            float[] p = scratch.tile(SCORES, BLOCK * tree.scoreStride());
            float[] d = scratch.tile(D_SCORES, BLOCK * tree.scoreStride());
            for (Block block : blocks) {
              block.againstRuns(q, k2, p);
              block.againstRuns(g, v2, d);
              long start = Profile.start();
              for (int i = 0; i < block.rows(); i++) {
                // P = exp(s - lse), dS = P (dP - sum_j dO_j O_j) / sqrt(headDim), 0 where unseen
                int at = i * tree.scoreStride();
                int row = (block.token() + i) * dims.heads() + block.head();
                int unseen = block.unseen(i);
                Arrays.fill(p, at, at + unseen, 0f);
                Arrays.fill(d, at, at + unseen, 0f);
                KERNELS.softmaxGradient(
                    p,
                    d,
                    at + unseen,
                    block.visible(i) - unseen,
                    block.columns() - unseen,
                    dims.scale(),
                    lse[row],
                    inner[row]);
              }
              Profile.end(Profile.Part.ELEMENTWISE, start);
              block.ontoRuns(p, g, dv);
              block.ontoRuns(d, q, dk);
              block.alongRuns(d, k, dq);
            }
          });
      FloatBuffer[] target = {Memory.view(out[0]), Memory.view(out[1]), Memory.view(out[2])};
      Workers.forChunks(
          n,
          BLOCK,
          (from, to, worker) -> {
            angles.turn(dq, dims.heads(), dims, from, to, -1f);
            angles.turn(dk, dims.kvHeads(), dims, from, to, -1f);
            store(dq, dims.heads(), dims, from, to, target[0]);
            store(dk, dims.kvHeads(), dims, from, to, target[1]);
            store(dv, dims.kvHeads(), dims, from, to, target[2]);
          });
    }
  }
}
