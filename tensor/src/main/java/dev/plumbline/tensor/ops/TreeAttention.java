package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.FusedOp;
import dev.plumbline.tensor.engine.Kernels;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.Profile;
import dev.plumbline.tensor.engine.Scratch;
import dev.plumbline.tensor.engine.Workers;
import java.nio.FloatBuffer;
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
 * positions (Su et al. 2021, Eq. 34; see {@link Rotary}) over token trees: a token attends to itself, to the earlier tokens of its segment and to all tokens of the
 * segments above it. A plain sequence is a tree of one segment.
 *
 * <p>{@code o_h = softmax(R(q_h) R(k_g)^T / sqrt(headDim)) v_g} with {@code g = h / (heads /
 * kvHeads)} and R the turn by the token's position.
 *
 * <p>Shapes: q, o [n, heads * headDim]; k, v [n, kvHeads * headDim]; cos, sin [n, headDim / 2]; segments [s, 4] int32 with
 * start, length, parent segment (-1 for a root) and tree, parents before children and trees
 * contiguous; lse [n, heads], the logarithm of each row's softmax denominator. The composed form
 * wants trees padded to one length: mask [trees, length, length] holds 0 where a token may look and
 * -1e9 elsewhere.
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

    /** Floats of a row of one head in a tile. */
    int stride() {
      return Kernels.padded(headDim);
    }

    int half() {
      return headDim / 2;
    }

    float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }
  }

  /** Tokens and segments of one tree, with what each segment sees. */
  private record Tree(int firstToken, int tokens, Context[] contexts) {
    /** Starts of a context count from the first token of the tree. */
    static Tree[] of(int[] segments) {
      int[] bounds = treeBounds(segments);
      Tree[] trees = new Tree[bounds.length - 1];
      for (int t = 0; t < trees.length; t++) {
        int first = segments[4 * bounds[t]];
        int last = bounds[t + 1] - 1;
        Context[] contexts = new Context[bounds[t + 1] - bounds[t]];
        for (int s = bounds[t]; s <= last; s++) {
          contexts[s - bounds[t]] = Context.of(segments, s, first);
        }
        int end = segments[4 * last] + segments[4 * last + 1];
        trees[t] = new Tree(first, end - first, contexts);
      }
      return trees;
    }

    /** Most tokens that a token sees. */
    int widest() {
      int widest = 0;
      for (Context c : contexts) {
        widest = Math.max(widest, c.ancestorTokens() + c.length());
      }
      return widest;
    }

    /** Floats of a row over all tokens: a run may be read up to the next whole vector. */
    int stride() {
      return Kernels.padded(tokens + Kernels.ALIGN);
    }
  }

  /** Angles of a tree's tokens on the heap. */
  private record Angles(float[] cos, float[] sin, int half) {
    static Angles of(Tree tree, Dims dims, FloatBuffer cos, FloatBuffer sin, Scratch scratch) {
      int half = dims.half();
      float[] c = scratch.tile(COS, tree.tokens() * half);
      float[] s = scratch.tile(SIN, tree.tokens() * half);
      cos.get(tree.firstToken() * half, c, 0, tree.tokens() * half);
      sin.get(tree.firstToken() * half, s, 0, tree.tokens() * half);
      return new Angles(c, s, half);
    }

    void turn(float[] row, int at, int token, float sign) {
      KERNELS.turn(row, at, 1, 2 * half, cos, sin, token * half, sign);
    }
  }

  /** Loads one head of rows {@code [first, first + rows)} of an array [n, width] into a tile. */
  private static void loadHead(
      FloatBuffer array, int width, int column, int first, int rows, Dims dims, float[] tile) {
    long start = Profile.start();
    for (int i = 0; i < rows; i++) {
      array.get((first + i) * width + column, tile, i * dims.stride(), dims.headDim());
    }
    Profile.end(Profile.Part.COPY, start);
  }

  private static void storeHead(
      float[] tile, FloatBuffer array, int width, int column, int first, int rows, Dims dims) {
    long start = Profile.start();
    for (int i = 0; i < rows; i++) {
      array.put((first + i) * width + column, tile, i * dims.stride(), dims.headDim());
    }
    Profile.end(Profile.Part.COPY, start);
  }

  /** {@code out[j, t] = rows[t, j]}: keys or values as the right-hand side of a product. */
  private static void transpose(float[] rows, Tree tree, Dims dims, float[] out) {
    long start = Profile.start();
    int stride = tree.stride();
    for (int t0 = 0; t0 < tree.tokens(); t0 += 16) { // a cache line of every row of out
      int t1 = Math.min(tree.tokens(), t0 + 16);
      for (int j = 0; j < dims.headDim(); j++) {
        for (int t = t0; t < t1; t++) {
          out[j * stride + t] = rows[t * dims.stride() + j];
        }
      }
    }
    Profile.end(Profile.Part.PACK, start);
  }

  /**
   * {@code scores[rows, width] = a[rows, headDim] b[headDim, tokens]} for the runs that rows up to
   * r1 of the segment may see. A product writes whole vectors, so runs go from left to right: each
   * overwrites what the one before it wrote too much.
   */
  private static void againstRuns(
      float[] a, float[] b, Tree tree, Context c, int r1, int rows, Dims dims, float[] scores) {
    long start = Profile.start();
    int column = 0;
    int width = scoreStride(tree);
    for (int run = 0; run < c.runs(); run++) {
      int seen = c.seen(run, r1);
      KERNELS.product(
          rows,
          seen,
          dims.headDim(),
          a,
          0,
          dims.stride(),
          1,
          b,
          c.starts()[run],
          tree.stride(),
          scores,
          column,
          width,
          false);
      column += seen;
    }
    Profile.end(Profile.Part.PRODUCT, start);
  }

  /** {@code out[rows, headDim] = scores[rows, width] b[tokens, headDim]} over the same runs. */
  private static void alongRuns(
      float[] scores, float[] b, Tree tree, Context c, int r1, int rows, Dims dims, float[] out) {
    long start = Profile.start();
    int column = 0;
    for (int run = 0; run < c.runs(); run++) {
      int seen = c.seen(run, r1);
      KERNELS.product(
          rows,
          dims.headDim(),
          seen,
          scores,
          column,
          scoreStride(tree),
          1,
          b,
          c.starts()[run] * dims.stride(),
          dims.stride(),
          out,
          0,
          dims.stride(),
          run > 0);
      column += seen;
    }
    Profile.end(Profile.Part.PRODUCT, start);
  }

  /** {@code out[tokens, headDim] += scores[rows, width]^T b[rows, headDim]} over the same runs. */
  private static void ontoRuns(
      float[] scores, float[] b, Tree tree, Context c, int r1, int rows, Dims dims, float[] out) {
    long start = Profile.start();
    int column = 0;
    for (int run = 0; run < c.runs(); run++) {
      int seen = c.seen(run, r1);
      KERNELS.product(
          seen,
          dims.headDim(),
          rows,
          scores,
          column,
          1,
          scoreStride(tree),
          b,
          0,
          dims.stride(),
          out,
          c.starts()[run] * dims.stride(),
          dims.stride(),
          true);
      column += seen;
    }
    Profile.end(Profile.Part.PRODUCT, start);
  }

  /** Floats of a row of scores. */
  private static int scoreStride(Tree tree) {
    return Kernels.padded(tree.widest() + Kernels.ALIGN);
  }

  // Slots of the scratch space.
  private static final int COS = Scratch.FREE;
  private static final int SIN = Scratch.FREE + 1;
  private static final int K = Scratch.FREE + 2;
  private static final int V = Scratch.FREE + 3;
  private static final int K_TRANSPOSED = Scratch.FREE + 4;
  private static final int V_TRANSPOSED = Scratch.FREE + 5;
  private static final int Q = Scratch.FREE + 6;
  private static final int SCORES = Scratch.FREE + 7;
  private static final int OUT = Scratch.FREE + 8;
  private static final int GRADIENT = Scratch.FREE + 9;
  private static final int D_SCORES = Scratch.FREE + 10;
  private static final int D_K = Scratch.FREE + 11;
  private static final int D_V = Scratch.FREE + 12;

  /** Rows of one key head of a tree, turned by their positions. */
  private static float[] keys(
      FloatBuffer k, int column, Tree tree, Dims dims, Angles angles, Scratch scratch) {
    float[] rows = scratch.tile(K, tree.tokens() * dims.stride());
    loadHead(k, dims.kvWidth(), column, tree.firstToken(), tree.tokens(), dims, rows);
    for (int t = 0; t < tree.tokens(); t++) {
      angles.turn(rows, t * dims.stride(), t, 1f);
    }
    return rows;
  }

  private static float[] values(
      FloatBuffer v, int column, Tree tree, Dims dims, Scratch scratch) {
    float[] rows = scratch.tile(V, tree.tokens() * dims.stride());
    loadHead(v, dims.kvWidth(), column, tree.firstToken(), tree.tokens(), dims, rows);
    return rows;
  }

  private static float[] transposed(float[] rows, int slot, Tree tree, Dims dims, Scratch scratch) {
    float[] out = scratch.tile(slot, dims.headDim() * tree.stride());
    transpose(rows, tree, dims, out);
    return out;
  }

  /** Query rows of one head, turned by their positions; token counts from the tree's first. */
  private static float[] queries(
      FloatBuffer q, int column, Tree tree, int token, int rows, Dims dims, Angles a, Scratch s) {
    float[] tile = s.tile(Q, BLOCK * dims.stride());
    loadHead(q, dims.qWidth(), column, tree.firstToken() + token, rows, dims, tile);
    for (int i = 0; i < rows; i++) {
      a.turn(tile, i * dims.stride(), token + i, 1f);
    }
    return tile;
  }

  /** What a task works on: one tree and one key head with the query heads that share it. */
  @FunctionalInterface
  private interface Task {
    void run(Tree tree, int kvHead, Scratch scratch);
  }

  /** Runs a task for every tree and key head; their results touch no common memory. */
  private static void forTasks(Tree[] trees, Dims dims, Task body) {
    Workers.forChunks(
        trees.length * dims.kvHeads(),
        1,
        (from, to, worker) -> {
          for (int task = from; task < to; task++) {
            Tree tree = trees[task / dims.kvHeads()];
            body.run(tree, task % dims.kvHeads(), Workers.scratch(worker));
          }
        });
  }

  /** Fused body. Inputs q, k, v, cos, sin, segments. Integer arguments: heads, kvHeads, headDim. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable[] inputs, int heads, int kvHeads, int headDim) {
      super(sd, inputs);
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
      FloatBuffer q = Memory.view(in[0]);
      FloatBuffer k = Memory.view(in[1]);
      FloatBuffer v = Memory.view(in[2]);
      FloatBuffer cos = Memory.view(in[3]);
      FloatBuffer sin = Memory.view(in[4]);
      FloatBuffer o = Memory.view(out[0]);
      FloatBuffer lse = Memory.view(out[1]);
      forTasks(
          Tree.of(Memory.ints(in[5])),
          dims,
          (tree, kvHead, scratch) -> {
            Angles angles = Angles.of(tree, dims, cos, sin, scratch);
            int column = kvHead * dims.headDim();
            float[] keys = keys(k, column, tree, dims, angles, scratch);
            keys = transposed(keys, K_TRANSPOSED, tree, dims, scratch);
            float[] values = values(v, column, tree, dims, scratch);
            for (Context context : tree.contexts()) {
              for (int r = 0; r < dims.group(); r++) {
                int head = kvHead * dims.group() + r;
                attend(tree, context, head, dims, angles, q, keys, values, o, lse, scratch);
              }
            }
          });
    }

    private static void attend(
        Tree tree,
        Context context,
        int head,
        Dims dims,
        Angles angles,
        FloatBuffer q,
        float[] keys,
        float[] values,
        FloatBuffer o,
        FloatBuffer lse,
        Scratch scratch) {
      int column = head * dims.headDim();
      int stride = scoreStride(tree);
      float[] scores = scratch.tile(SCORES, BLOCK * stride);
      float[] out = scratch.tile(OUT, BLOCK * dims.stride());
      for (int r0 = 0; r0 < context.length(); r0 += BLOCK) {
        int r1 = Math.min(context.length(), r0 + BLOCK);
        int rows = r1 - r0;
        int token = context.start() + r0;
        float[] queries = queries(q, column, tree, token, rows, dims, angles, scratch);
        againstRuns(queries, keys, tree, context, r1, rows, dims, scores);
        for (int i = 0; i < rows; i++) {
          int at = i * stride;
          int visible = context.ancestorTokens() + r0 + i + 1;
          float max = KERNELS.max(scores, at, visible) * dims.scale();
          float sum = KERNELS.expSum(scores, at, visible, dims.scale(), max);
          KERNELS.scale(scores, at, visible, 1 / sum);
          Arrays.fill(scores, at + visible, at + context.ancestorTokens() + r1, 0f);
          int row = tree.firstToken() + token + i;
          lse.put(row * dims.heads() + head, max + (float) Math.log(sum));
        }
        alongRuns(scores, values, tree, context, r1, rows, dims, out);
        storeHead(out, o, dims.qWidth(), column, tree.firstToken() + token, rows, dims);
      }
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      SDVariable[] outputs = outputVariables();
      SDVariable[] inputs = Arrays.copyOf(args(), 9);
      inputs[6] = outputs[0];
      inputs[7] = outputs[1];
      inputs[8] = gradients.get(0);
      SDVariable[] result =
          new Backward(sameDiff, inputs, intArgument(0), intArgument(1), intArgument(2))
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

    /** The arrays, seen as buffers. */
    private record Buffers(
        FloatBuffer q,
        FloatBuffer k,
        FloatBuffer v,
        FloatBuffer o,
        FloatBuffer lse,
        FloatBuffer g,
        FloatBuffer dq,
        FloatBuffer dk,
        FloatBuffer dv) {}

    /** Keys and values of a task in the forms that its products want, and their gradients. */
    private record Heads(
        float[] keys,
        float[] keysTransposed,
        float[] valuesTransposed,
        float[] dKeys,
        float[] dValues) {}

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      Dims dims = new Dims(intArgument(0), intArgument(1), intArgument(2));
      FloatBuffer cos = Memory.view(in[3]);
      FloatBuffer sin = Memory.view(in[4]);
      Buffers a =
          new Buffers(
              Memory.view(in[0]),
              Memory.view(in[1]),
              Memory.view(in[2]),
              Memory.view(in[6]),
              Memory.view(in[7]),
              Memory.view(in[8]),
              Memory.view(out[0]),
              Memory.view(out[1]),
              Memory.view(out[2]));
      forTasks(
          Tree.of(Memory.ints(in[5])),
          dims,
          (tree, kvHead, scratch) -> {
            Angles angles = Angles.of(tree, dims, cos, sin, scratch);
            int column = kvHead * dims.headDim();
            Heads heads = heads(a, column, tree, dims, angles, scratch);
            for (Context context : tree.contexts()) {
              for (int r = 0; r < dims.group(); r++) {
                int head = kvHead * dims.group() + r;
                differentiate(tree, context, head, dims, angles, a, heads, scratch);
              }
            }
            for (int t = 0; t < tree.tokens(); t++) {
              angles.turn(heads.dKeys(), t * dims.stride(), t, -1f);
            }
            int first = tree.firstToken();
            storeHead(heads.dKeys(), a.dk(), dims.kvWidth(), column, first, tree.tokens(), dims);
            storeHead(heads.dValues(), a.dv(), dims.kvWidth(), column, first, tree.tokens(), dims);
          });
    }

    private static Heads heads(
        Buffers a, int column, Tree tree, Dims dims, Angles angles, Scratch scratch) {
      float[] keys = keys(a.k(), column, tree, dims, angles, scratch);
      float[] values = values(a.v(), column, tree, dims, scratch);
      int floats = tree.tokens() * dims.stride();
      float[] dKeys = scratch.tile(D_K, floats);
      float[] dValues = scratch.tile(D_V, floats);
      Arrays.fill(dKeys, 0, floats, 0f);
      Arrays.fill(dValues, 0, floats, 0f);
      return new Heads(
          keys,
          transposed(keys, K_TRANSPOSED, tree, dims, scratch),
          transposed(values, V_TRANSPOSED, tree, dims, scratch),
          dKeys,
          dValues);
    }

    private static void differentiate(
        Tree tree,
        Context context,
        int head,
        Dims dims,
        Angles angles,
        Buffers a,
        Heads heads,
        Scratch scratch) {
      int column = head * dims.headDim();
      int stride = scoreStride(tree);
      float[] p = scratch.tile(SCORES, BLOCK * stride);
      float[] d = scratch.tile(D_SCORES, BLOCK * stride);
      float[] o = scratch.tile(OUT, BLOCK * dims.stride());
      float[] g = scratch.tile(GRADIENT, BLOCK * dims.stride());
      for (int r0 = 0; r0 < context.length(); r0 += BLOCK) {
        int r1 = Math.min(context.length(), r0 + BLOCK);
        int rows = r1 - r0;
        int token = context.start() + r0;
        int first = tree.firstToken() + token;
        float[] queries = queries(a.q(), column, tree, token, rows, dims, angles, scratch);
        loadHead(a.o(), dims.qWidth(), column, first, rows, dims, o);
        loadHead(a.g(), dims.qWidth(), column, first, rows, dims, g);
        againstRuns(queries, heads.keysTransposed(), tree, context, r1, rows, dims, p);
        againstRuns(g, heads.valuesTransposed(), tree, context, r1, rows, dims, d);
        for (int i = 0; i < rows; i++) {
          int at = i * stride;
          int visible = context.ancestorTokens() + r0 + i + 1;
          int end = at + context.ancestorTokens() + r1;
          float lse = a.lse().get((first + i) * dims.heads() + head);
          // P = exp(s - lse), dS = P (dP - sum_j dO_j O_j) / sqrt(headDim), both 0 where unseen
          int row = i * dims.stride();
          float inner = KERNELS.dot(o, row, g, row, dims.headDim());
          KERNELS.expSum(p, at, visible, dims.scale(), lse);
          KERNELS.softmaxGradient(p, d, at, visible, inner, dims.scale());
          Arrays.fill(p, at + visible, end, 0f);
          Arrays.fill(d, at + visible, end, 0f);
        }
        ontoRuns(p, g, tree, context, r1, rows, dims, heads.dValues());
        ontoRuns(d, queries, tree, context, r1, rows, dims, heads.dKeys());
        alongRuns(d, heads.keys(), tree, context, r1, rows, dims, o); // dQ in O's place
        for (int i = 0; i < rows; i++) {
          angles.turn(o, i * dims.stride(), token + i, -1f);
        }
        storeHead(o, a.dq(), dims.qWidth(), column, first, rows, dims);
      }
    }
  }
}
