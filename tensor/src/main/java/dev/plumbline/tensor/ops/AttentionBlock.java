package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.ops.TreeLayout.Context;
import dev.plumbline.tensor.ops.TreeLayout.Dims;
import dev.plumbline.tensor.ops.TreeLayout.Tree;

/**
 * Rows {@code [r0, r1)} of a segment for one query head: the unit of work of {@link
 * FusedTreeAttention}. Its products run over the runs of tokens that the segment sees.
 *
 * <p>Arrays on the heap: like q {@code [n, heads, head()]}, like k {@code [n, kvHeads, head()]},
 * scores {@code [rows, scoreStride]} with one column per visible token.
 */
record AttentionBlock(Tree tree, Context context, int head, int r0, int r1, Dims dims) {
  /** Number of rows. */
  int rows() {
    return r1 - r0;
  }

  /** Index of its first token in the batch. */
  int token() {
    return tree.firstToken() + context.start() + r0;
  }

  /** Offset of its rows in an array like q. */
  int q() {
    return token() * dims.qStride() + head * dims.head();
  }

  /** Offset of a run's rows in an array like k. */
  int kv(int run) {
    return (tree.firstToken() + context.starts()[run]) * dims.kvStride()
        + head / dims.group() * dims.head();
  }

  /** Tokens that row i of the block sees. */
  int visible(int i) {
    return context.ancestorTokens() + r0 + i + 1;
  }

  /** How many of these, counted from the first, are outside the window. */
  int unseen(int i) {
    return dims.window() == 0 ? 0 : Math.max(0, visible(i) - dims.window());
  }

  /** Tokens that the last row sees; the scores have this many columns. */
  int columns() {
    return context.ancestorTokens() + r1;
  }

  /**
   * {@code scores = a b^T} over the runs that the block sees. A product writes whole vectors. So
   * the runs are computed from left to right, and each overwrites the columns that the one before
   * it wrote beyond its end.
   *
   * @param a like q
   * @param b [headDim, stride], transposed, one token per column
   * @param scores receives the scores
   */
  void againstRuns(float[] a, float[] b, float[] scores) {
    long start = Profile.start();
    int column = 0;
    for (int run = 0; run < context.runs(); run++) {
      int seen = context.seen(run, r1);
      Kernels.PRODUCTS.product(
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

  /** {@code out = scores b} over the same runs. out is like q, b like k. */
  void alongRuns(float[] scores, float[] b, float[] out) {
    long start = Profile.start();
    int column = 0;
    for (int run = 0; run < context.runs(); run++) {
      int seen = context.seen(run, r1);
      Kernels.PRODUCTS.product(
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

  /** {@code out += scores^T b} over the same runs. out is like k, b like q. */
  void ontoRuns(float[] scores, float[] b, float[] out) {
    long start = Profile.start();
    int column = 0;
    for (int run = 0; run < context.runs(); run++) {
      int seen = context.seen(run, r1);
      Kernels.PRODUCTS.product(
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
