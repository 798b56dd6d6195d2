package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Logits of all tokens of the vocabulary from hidden states, and their gradients, computed in
 * blocks of tokens so that the logits never exist all at once: {@code z_u = W h_u} for the rows u
 * of {@link RowGroups}.
 *
 * @param groups the rows
 * @param h hidden states of the rows, one after the other
 * @param head W [vocab, width]
 * @param tiles first of two tiles of the shared scratch space that hold a block of the head
 */
record Vocabulary(RowGroups groups, float[] h, INDArray head, int tiles) {
  /** Tokens of the vocabulary per block. */
  static final int WORDS = 1024;

  /** Rows whose logit gradients are kept until the weight's gradient of a block is computed. */
  private static final int ROWS = 512;

  /** An odd number of cache lines per row, so that a column does not map to one cache set. */
  private static final int Z_STRIDE = WORDS + Kernels.ALIGN;

  // Tiles of the shared scratch space.
  static final int HEAD = 0; // and the next
  static final int HIDDEN = 2;
  static final int D_HIDDEN = 3;
  static final int REFERENCE_HEAD = 4; // and the next
  static final int REFERENCE_HIDDEN = 6;
  private static final int HIDDEN_PACKED = 7;
  private static final int LOGITS = 8;
  private static final int D_HEAD = 9;

  /**
   * Receives the logits of some rows for one block of the vocabulary; called by several threads.
   */
  interface Visitor {
    /** Called before the rows of a block. */
    default void start(int word, int count) {}

    /**
     * Processes the block of {@code count} tokens from {@code word} on.
     *
     * @param from first row
     * @param to after the last row
     * @param z logits, those of row u from {@code at + (u - from) * stride} on
     */
    void visit(int word, int count, int from, int to, float[] z, int at, int stride, int worker);
  }

  int width() {
    return (int) head.size(1);
  }

  int words() {
    return (int) head.size(0);
  }

  /** Rows of the head's gradient for one block. */
  private static FloatBuffer words(INDArray head, int first, int count) {
    long width = head.size(1);
    return Memory.view(Memory.pointer(head), first * width, count * width);
  }

  /** Packs one block of the head, for logits. */
  Panels transposed(int word, int count) {
    float[] data = Workers.shared().tile(tiles, Panels.size(width(), WORDS));
    return Products.transposed(Matrix.of(head, word, count), data);
  }

  /** The logits {@code z} of rows {@code [from, to)} for a block of the head. */
  void logits(Panels block, int from, int to, float[] z, int at, int stride) {
    int own = Kernels.padded(width());
    block.multiply(to - from, h, from * own, own, z, at, stride, false);
  }

  /** Computes all logits and passes them to the visitor. */
  void forward(Visitor visitor) {
    for (int word = 0; word < words(); word += WORDS) {
      int first = word;
      int count = Math.min(WORDS, words() - word);
      int columns = Kernels.padded(count);
      Panels block = transposed(first, count);
      visitor.start(first, count);
      Workers.forChunks(
          groups.size(),
          Products.CHUNK,
          (from, to, worker) -> {
            float[] z = Workers.scratch(worker).tile(0, Products.CHUNK * columns);
            logits(block, from, to, z, 0, columns);
            visitor.visit(first, count, from, to, z, 0, columns, worker);
          });
    }
  }

  /**
   * Computes all logits, lets the visitor replace them by their gradients dz, and propagates these:
   * {@code dh_u = W^T dz_u}, {@code dW = sum_u dz_u h_u^T}.
   *
   * @param dHidden receives dh [n, width], 0 for all other rows
   * @param dHead receives dW, or null where the head is frozen
   */
  void backward(Visitor gradient, INDArray dHidden, INDArray dHead) {
    int stride = Kernels.padded(width());
    float[] dh = Workers.shared().tile(D_HIDDEN, groups.size() * stride);
    Panels packed = dHead == null ? null : packHidden();
    for (int word = 0; word < words(); word += WORDS) {
      int count = Math.min(WORDS, words() - word);
      float[] block = Workers.shared().tile(D_HEAD, WORDS * stride);
      Panels transposed = transposed(word, count);
      float[] data = Workers.shared().tile(tiles + 1, Panels.size(WORDS, width()));
      Panels plain = Products.plain(Matrix.of(head, word, count), data);
      gradient.start(word, count);
      for (int row = 0; row < groups.size(); row += ROWS) {
        int to = Math.min(groups.size(), row + ROWS);
        differentiate(gradient, row, to, word, count, transposed, plain, dh);
        if (dHead != null) {
          ontoHead(row, to, count, packed, block);
        }
      }
      if (dHead != null) {
        if (groups.size() == 0) {
          Arrays.fill(block, 0, count * stride, 0f);
        }
        Products.store(words(dHead, word, count), width(), 0, count, block);
      }
    }
    Memory.zero(Memory.pointer(dHidden), dHidden.length());
    FloatBuffer target = Memory.view(dHidden);
    for (int u = 0; u < groups.size(); u++) {
      target.put(groups.rows()[u] * width(), dh, u * stride, width());
    }
  }

  private Panels packHidden() {
    int stride = Kernels.padded(width());
    float[] data = Workers.shared().tile(HIDDEN_PACKED, Panels.size(groups.size(), width()));
    return Products.packed(
        groups.size(),
        width(),
        (from, to, tile, scratch) ->
            System.arraycopy(h, from * stride, tile, 0, (to - from) * stride),
        data);
  }

  /** {@code dz} of rows {@code [row, to)} into the shared tile, and {@code dh (+)= dz W}. */
  private void differentiate(
      Visitor gradient,
      int row,
      int to,
      int word,
      int count,
      Panels transposed,
      Panels plain,
      float[] dh) {
    int stride = Kernels.padded(width());
    float[] z = Workers.shared().tile(LOGITS, ROWS * Z_STRIDE);
    Workers.forChunks(
        to - row,
        Products.CHUNK,
        (begin, end, worker) -> {
          int at = begin * Z_STRIDE;
          logits(transposed, row + begin, row + end, z, at, Z_STRIDE);
          gradient.visit(word, count, row + begin, row + end, z, at, Z_STRIDE, worker);
          plain.multiply(
              end - begin, z, at, Z_STRIDE, dh, (row + begin) * stride, stride, word > 0);
        });
  }

  /** {@code dHead[count, width] (+)= dz^T h} over rows {@code [row, to)}. */
  private void ontoHead(int row, int to, int count, Panels packed, float[] dHead) {
    int stride = Kernels.padded(width());
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
