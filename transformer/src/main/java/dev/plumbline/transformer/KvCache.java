package dev.plumbline.transformer;

import dev.plumbline.tensor.engine.Kernels;

/**
 * Keys and values of several places ("slots") on the heap, as the products of attention want them:
 * per layer keys [slots, kvHeads, headDim, capacity], already turned by their position, and values
 * [slots, kvHeads, capacity, headDim].
 *
 * <p>A sequence may lie in two caches: what it shares with others (a prompt, a trajectory) in a slot
 * of one, its own tokens in a slot of another; see {@link Decoder.Rows}.
 */
public final class KvCache {
  final float[][] keys;
  final float[][] values;
  final int keyStride; // floats from one component of a key to the next
  final int valueStride; // floats from one token's value to the next
  private final int slots;
  private final int capacity;
  private final int heads;
  private final int headDim;

  /** An empty cache for {@code slots} sequences of at most {@code capacity} tokens. */
  public KvCache(LlamaConfig config, int slots, int capacity) {
    this.slots = slots;
    this.capacity = capacity;
    this.heads = config.kvHeads();
    this.headDim = config.headDim();
    this.keyStride = Kernels.padded(capacity + Kernels.ALIGN); // products read whole vectors
    this.valueStride = Kernels.padded(headDim);
    long keyFloats = (long) slots * heads * headDim * keyStride;
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

  /** Number of sequences. */
  public int slots() {
    return slots;
  }

  /** Most tokens of a sequence. */
  public int capacity() {
    return capacity;
  }

  int keyOffset(int slot, int head) {
    return (slot * heads + head) * headDim * keyStride;
  }

  int valueOffset(int slot, int head) {
    return (slot * heads + head) * capacity * valueStride;
  }

  /** Puts one token's key and value rows [kvHeads * headDim], the key turned, in their places. */
  void put(int layer, int slot, int token, float[] key, int keyFrom, float[] value, int valueFrom) {
    for (int h = 0; h < heads; h++) {
      int at = keyOffset(slot, h) + token;
      for (int j = 0; j < headDim; j++) {
        keys[layer][at + j * keyStride] = key[keyFrom + h * headDim + j];
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
