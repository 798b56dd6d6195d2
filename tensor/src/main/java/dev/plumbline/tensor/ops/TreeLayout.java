package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Which tokens attend to which, and where their rows are stored: sizes and offsets for {@link
 * TreeAttention}.
 */
final class TreeLayout {
  private TreeLayout() {}

  /**
   * The runs of tokens that a segment sees: its ancestors from the root down, then the segment. A
   * row of scores holds the runs side by side.
   */
  record Context(int[] starts, int[] lengths, int ancestorTokens) {
    /** The context of one segment; starts are relative to {@code firstToken}. */
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

    /** Number of runs. */
    int runs() {
      return starts.length;
    }

    /** First token of the segment. */
    int start() {
      return starts[starts.length - 1];
    }

    /** Tokens of the segment. */
    int length() {
      return lengths[lengths.length - 1];
    }

    /** Tokens of a run that the rows before r1 of the segment may see. */
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

  /**
   * Dimensions that the forward and the backward pass share.
   *
   * @param window number of tokens that a token attends to; 0 = all before it
   */
  record Dims(int heads, int kvHeads, int headDim, int window) {
    /** Query heads per key head. */
    int group() {
      return heads / kvHeads;
    }

    /** Floats of one head in a heap row. Heads are padded, because products write whole vectors. */
    int head() {
      return Kernels.padded(headDim);
    }

    /** Floats of a heap row of q, o or their gradients. */
    int qStride() {
      return heads * head();
    }

    /** Floats of a heap row of k, v or their gradients. */
    int kvStride() {
      return kvHeads * head();
    }

    /** Factor of the scores: {@code 1 / sqrt(headDim)}. */
    float scale() {
      return (float) (1 / Math.sqrt(headDim));
    }
  }

  /**
   * One tree of the batch.
   *
   * @param firstToken its first token in the batch
   * @param tokens number of tokens
   * @param contexts what each of its segments sees
   * @param widest largest number of tokens that a segment sees
   */
  record Tree(int firstToken, int tokens, Context[] contexts, int widest) {
    /** The trees of a segment table; starts in a context are relative to the tree. */
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

    /** Floats of a row over all tokens. A run may be read up to the next whole vector. */
    int stride() {
      return Kernels.padded(tokens + Kernels.ALIGN);
    }

    /** Floats of a row of scores. */
    int scoreStride() {
      return Kernels.padded(widest + Kernels.ALIGN);
    }
  }
}
