package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.TreeLayout.Context;
import dev.plumbline.tensor.ops.TreeLayout.Dims;
import dev.plumbline.tensor.ops.TreeLayout.Tree;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The fused passes of {@link TreeAttention} on heap tiles. The scores of a block of query rows
 * exist only while the block is computed. The backward pass computes them again from the stored lse
 * (Dao et al. 2022, Algorithm 4).
 *
 * <p>Arrays on the heap pad every head to {@code head()} floats; see {@link TreeLayout.Dims}.
 */
final class FusedTreeAttention {
  /** Query rows that share one matrix product. */
  private static final int BLOCK = 64;

  // Tiles of a worker's scratch space.
  private static final int K_TRANSPOSED = Scratch.FREE;
  private static final int V_TRANSPOSED = Scratch.FREE + 1;
  private static final int SCORES = Scratch.FREE + 2;
  private static final int D_SCORES = Scratch.FREE + 3;

  // Tiles of the shared scratch space, each over all tokens of the batch.
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

  private FusedTreeAttention() {}

  /**
   * Computes o and lse.
   *
   * @param in q, k, v, cos, sin, segments
   * @param out o, lse
   */
  static void forward(Dims dims, INDArray[] in, INDArray[] out) {
    int n = (int) in[0].size(0);
    Angles angles = Angles.of(in[3], in[4]);
    FloatBuffer q = Memory.view(in[0]);
    FloatBuffer k = Memory.view(in[1]);
    FloatBuffer v = Memory.view(in[2]);
    float[] queries = shared(Q, n, dims.qStride()); // [n, heads, head()]
    float[] keys = shared(K, n, dims.kvStride()); // [n, kvHeads, head()]
    float[] values = shared(V, n, dims.kvStride()); // [n, kvHeads, head()]
    float[] o = shared(OUT, n, dims.qStride()); // [n, heads, head()]
    float[] lse = shared(LSE, n, dims.heads()); // [n, heads]
    Workers.forChunks(
        n,
        BLOCK,
        (from, to, worker) -> {
          load(q, dims.heads(), dims, from, to, queries);
          load(k, dims.kvHeads(), dims, from, to, keys);
          load(v, dims.kvHeads(), dims, from, to, values);
          angles.rotate(queries, dims.heads(), dims, from, to, 1f);
          angles.rotate(keys, dims.kvHeads(), dims, from, to, 1f);
        });
    forTasks(
        in[5],
        dims,
        (tree, kvHead, blocks, scratch) -> {
          float[] k2 = transposed(keys, kvHead, K_TRANSPOSED, tree, dims, scratch); // K^T
          float[] scores = scratch.tile(SCORES, BLOCK * tree.scoreStride()); // [rows, tokens]
          for (AttentionBlock block : blocks) {
            block.againstRuns(queries, k2, scores); // Q K^T
            long start = Profile.start();
            for (int i = 0; i < block.rows(); i++) {
              int at = i * tree.scoreStride();
              int row = (block.token() + i) * dims.heads() + block.head();
              int unseen = block.unseen(i);
              Arrays.fill(scores, at, at + unseen, 0f);
              lse[row] =
                  Kernels.ROWS.softmax(
                      scores,
                      at + unseen,
                      block.visible(i) - unseen,
                      block.columns() - unseen,
                      dims.scale());
            }
            Profile.end(Profile.Part.ELEMENTWISE, start);
            block.alongRuns(scores, values, o); // O = P V
          }
        });
    FloatBuffer result = Memory.view(out[0]);
    Workers.forChunks(
        n, BLOCK, (from, to, worker) -> store(o, dims.heads(), dims, from, to, result));
    Memory.view(out[1]).put(0, lse, 0, n * dims.heads());
  }

  /**
   * Computes dq, dk and dv.
   *
   * @param in q, k, v, cos, sin, segments, o, lse, do
   * @param out dq, dk, dv
   */
  static void backward(Dims dims, INDArray[] in, INDArray[] out) {
    int n = (int) in[0].size(0);
    Angles angles = Angles.of(in[3], in[4]);
    float[] q = shared(Q, n, dims.qStride()); // [n, heads, head()]
    float[] k = shared(K, n, dims.kvStride()); // [n, kvHeads, head()]
    float[] v = shared(V, n, dims.kvStride()); // [n, kvHeads, head()]
    float[] g = shared(GRADIENT, n, dims.qStride()); // dO [n, heads, head()]
    float[] dq = shared(D_Q, n, dims.qStride()); // [n, heads, head()]
    float[] dk = shared(D_K, n, dims.kvStride()); // [n, kvHeads, head()]
    float[] dv = shared(D_V, n, dims.kvStride()); // [n, kvHeads, head()]
    float[] inner = shared(INNER, n, dims.heads()); // [n, heads], sum_j dO_j O_j
    float[] lse = shared(LSE, n, dims.heads()); // [n, heads]
    Memory.view(in[7]).get(0, lse, 0, n * dims.heads());
    FloatBuffer[] source = {
      Memory.view(in[0]),
      Memory.view(in[1]),
      Memory.view(in[2]),
      Memory.view(in[6]),
      Memory.view(in[8])
    };
    float[] o = shared(OUT, n, dims.qStride()); // [n, heads, head()]
    Workers.forChunks(
        n,
        BLOCK,
        (from, to, worker) -> {
          load(source[0], dims.heads(), dims, from, to, q);
          load(source[1], dims.kvHeads(), dims, from, to, k);
          load(source[2], dims.kvHeads(), dims, from, to, v);
          load(source[3], dims.heads(), dims, from, to, o);
          load(source[4], dims.heads(), dims, from, to, g);
          angles.rotate(q, dims.heads(), dims, from, to, 1f);
          angles.rotate(k, dims.kvHeads(), dims, from, to, 1f);
          for (int i = from * dims.heads(); i < to * dims.heads(); i++) {
            int at = i * dims.head();
            inner[i] = Kernels.ROWS.dot(o, at, g, at, dims.headDim());
          }
          Arrays.fill(dk, from * dims.kvStride(), to * dims.kvStride(), 0f);
          Arrays.fill(dv, from * dims.kvStride(), to * dims.kvStride(), 0f);
        });
    forTasks(
        in[5],
        dims,
        (tree, kvHead, blocks, scratch) -> {
          float[] k2 = transposed(k, kvHead, K_TRANSPOSED, tree, dims, scratch); // K^T
          float[] v2 = transposed(v, kvHead, V_TRANSPOSED, tree, dims, scratch); // V^T
          float[] p = scratch.tile(SCORES, BLOCK * tree.scoreStride()); // [rows, tokens]
          float[] d = scratch.tile(D_SCORES, BLOCK * tree.scoreStride()); // [rows, tokens]
          for (AttentionBlock block : blocks) {
            block.againstRuns(q, k2, p); // s = Q K^T
            block.againstRuns(g, v2, d); // dP = dO V^T
            long start = Profile.start();
            for (int i = 0; i < block.rows(); i++) {
              // P = exp(s - lse), dS = P (dP - sum_j dO_j O_j) / sqrt(headDim); 0 where not visible
              int at = i * tree.scoreStride();
              int row = (block.token() + i) * dims.heads() + block.head();
              int unseen = block.unseen(i);
              Arrays.fill(p, at, at + unseen, 0f);
              Arrays.fill(d, at, at + unseen, 0f);
              Kernels.ROWS.softmaxGradient(
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
            block.ontoRuns(p, g, dv); // dV += P^T dO
            block.ontoRuns(d, q, dk); // dK += dS^T Q
            block.alongRuns(d, k, dq); // dQ = dS K
          }
        });
    FloatBuffer[] target = {Memory.view(out[0]), Memory.view(out[1]), Memory.view(out[2])};
    Workers.forChunks(
        n,
        BLOCK,
        (from, to, worker) -> {
          angles.rotate(dq, dims.heads(), dims, from, to, -1f);
          angles.rotate(dk, dims.kvHeads(), dims, from, to, -1f);
          store(dq, dims.heads(), dims, from, to, target[0]);
          store(dk, dims.kvHeads(), dims, from, to, target[1]);
          store(dv, dims.kvHeads(), dims, from, to, target[2]);
        });
  }

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

  /** Copies rows from the heap to [n, heads * headDim]. */
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

  /**
   * Rotary angles of all tokens, on the heap.
   *
   * @param cos [n, half]
   * @param sin [n, half]
   */
  private record Angles(float[] cos, float[] sin, int half) {
    static Angles of(INDArray cos, INDArray sin) {
      float[] c = new float[(int) cos.length()];
      float[] s = new float[(int) sin.length()];
      Memory.view(cos).get(0, c);
      Memory.view(sin).get(0, s);
      return new Angles(c, s, (int) cos.size(1));
    }

    /** Rotates all heads of rows {@code [from, to)}; sign -1 rotates back. */
    void rotate(float[] rows, int heads, Dims dims, int from, int to, float sign) {
      long start = Profile.start();
      for (int i = from; i < to; i++) {
        for (int h = 0; h < heads; h++) {
          int at = (i * heads + h) * dims.head();
          Kernels.ROWS.rotate(rows, at, 1, dims.headDim(), cos, sin, i * half, sign);
        }
      }
      Profile.end(Profile.Part.ELEMENTWISE, start);
    }
  }

  /**
   * {@code out[j, t] = rows[t, j]} of one head, [headDim, stride]: keys or values as the right-hand
   * side of a product.
   */
  private static float[] transposed(
      float[] rows, int kvHead, int slot, Tree tree, Dims dims, Scratch scratch) {
    long start = Profile.start();
    int stride = tree.stride();
    float[] out = scratch.tile(slot, dims.headDim() * stride);
    int from = tree.firstToken() * dims.kvStride() + kvHead * dims.head();
    for (int t0 = 0; t0 < tree.tokens(); t0 += 16) { // one cache line of each row of out
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

  /** One task: the blocks of one tree for the query heads that share one key head. */
  @FunctionalInterface
  private interface Task {
    void run(Tree tree, int kvHead, List<AttentionBlock> blocks, Scratch scratch);
  }

  /** Runs the task for every tree and key head. Tasks write to separate memory. */
  private static void forTasks(INDArray segments, Dims dims, Task body) {
    Tree[] trees = Tree.of(Memory.ints(segments));
    Workers.forChunks(
        trees.length * dims.kvHeads(),
        1,
        (from, to, worker) -> {
          for (int task = from; task < to; task++) {
            Tree tree = trees[task / dims.kvHeads()];
            int kvHead = task % dims.kvHeads();
            List<AttentionBlock> blocks = new ArrayList<>();
            for (Context context : tree.contexts()) {
              for (int head = kvHead * dims.group(); head < (kvHead + 1) * dims.group(); head++) {
                for (int r0 = 0; r0 < context.length(); r0 += BLOCK) {
                  int r1 = Math.min(context.length(), r0 + BLOCK);
                  blocks.add(new AttentionBlock(tree, context, head, r0, r1, dims));
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
}
