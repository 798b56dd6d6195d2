package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;

/**
 * Keys and values of {@link FusedDecoder} on the heap, in slots, laid out for the products of
 * attention: per layer keys [slots, kvHeads, capacity / panel, headDim, panel], already rotated by
 * their position, and values [slots, kvHeads, capacity, headDim]. So the data that attention reads
 * for a sequence is contiguous. The panels of slots that many queries read are as wide as those of
 * the product. The panels of slots that one query reads are narrow, so that only its own tokens are
 * read.
 *
 * <p>A sequence may be stored in two caches: tokens that it shares with others (a prompt, a
 * trajectory) in a slot of one, its own tokens in a slot of the other; see {@link Decoder.Rows}.
 */
final class KvCache {
  final float[][] keys;
  final float[][] values;
  final int valueStride; // floats from one token's value to the next
  private final int capacity;
  private final int heads;
  private final int headDim;
  private final boolean narrow; // blocks of ALIGN tokens for one query, or panels for many
  private final int panel; // tokens per block
  private final int panels;

  /** An empty cache for {@code slots} sequences that are read by many queries at once. */
  static KvCache ofTrunks(LlamaConfig config, int slots, int capacity) {
    return new KvCache(config, slots, capacity, false);
  }

  /** An empty cache for {@code slots} sequences that are read by one query at a time. */
  static KvCache ofBranches(LlamaConfig config, int slots, int capacity) {
    return new KvCache(config, slots, capacity, true);
  }

  private KvCache(LlamaConfig config, int slots, int capacity, boolean narrow) {
    this.narrow = narrow;
    this.panel = narrow ? Kernels.ALIGN : Kernels.PRODUCTS.panel();
    this.capacity = capacity;
    this.heads = config.kvHeads();
    this.headDim = config.headDim();
    this.panels = (capacity + panel - 1) / panel;
    this.valueStride = Kernels.padded(headDim);
    long keyFloats = (long) slots * heads * headDim * panels * panel;
    long valueFloats = (long) slots * heads * capacity * valueStride;
    if (Math.max(keyFloats, valueFloats) > Integer.MAX_VALUE - 8) {
      throw new ModelException(
          "A KV cache of "
              + slots
              + " sequences of "
              + capacity
              + " tokens is too large; sample fewer at a time.");
    }
    keys = new float[config.layers()][(int) keyFloats];
    values = new float[config.layers()][(int) valueFloats];
  }

  /** Maximum number of tokens of a sequence. */
  int capacity() {
    return capacity;
  }

  /** {@code scores[m, tokens] = q[m, headDim] keys^T} for the first tokens of a slot. */
  void scores(
      int layer,
      int slot,
      int head,
      int tokens,
      int m,
      float[] q,
      int qFrom,
      float[] scores,
      int to,
      int row) {
    long start = Profile.start();
    int at = keyOffset(slot, head);
    if (narrow) {
      for (int i = 0; i < m; i++) {
        Kernels.PRODUCTS.rowByBlocks(
            tokens, headDim, q, qFrom + i * headDim, keys[layer], at, scores, to + i * row);
      }
    }
    for (int first = 0; !narrow && first < tokens; first += panel) {
      Kernels.PRODUCTS.product(
          m,
          Math.min(panel, tokens - first),
          headDim,
          q,
          qFrom,
          headDim,
          1,
          keys[layer],
          at + first * headDim,
          panel,
          scores,
          to + first,
          row,
          false);
    }
    Profile.end(Profile.Part.PRODUCT, start);
  }

  private int keyOffset(int slot, int head) {
    return (slot * heads + head) * headDim * panels * panel;
  }

  int valueOffset(int slot, int head) {
    return (slot * heads + head) * capacity * valueStride;
  }

  /** Copies the first tokens of a slot to another slot. */
  void copy(int from, int to, int tokens) {
    int keyFloats = (tokens + panel - 1) / panel * panel * headDim;
    for (int l = 0; l < keys.length; l++) {
      for (int h = 0; h < heads; h++) {
        System.arraycopy(keys[l], keyOffset(from, h), keys[l], keyOffset(to, h), keyFloats);
        System.arraycopy(
            values[l], valueOffset(from, h), values[l], valueOffset(to, h), tokens * valueStride);
      }
    }
  }

  /** Stores the key and value rows [kvHeads * headDim] of one token; the key is already rotated. */
  void put(int layer, int slot, int token, float[] key, int keyFrom, float[] value, int valueFrom) {
    for (int h = 0; h < heads; h++) {
      int at = keyOffset(slot, h) + token / panel * headDim * panel + token % panel;
      for (int j = 0; j < headDim; j++) {
        keys[layer][at + j * panel] = key[keyFrom + h * headDim + j];
      }
      System.arraycopy(
          value,
          valueFrom + h * headDim,
          values[layer],
          valueOffset(slot, h) + token * valueStride,
          headDim);
    }
  }
}
