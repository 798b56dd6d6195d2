package dev.plumbline.transformer;

/**
 * Keys and values of several sequences ("slots") on the heap, where the row kernels read them: per
 * layer [slots, capacity, kvHeads * headDim], keys already turned by their position.
 */
public final class KvCache {
  final float[][] keys;
  final float[][] values;
  private final int slots;
  private final int capacity;
  private final int width;

  /** An empty cache for {@code slots} sequences of at most {@code capacity} tokens. */
  public KvCache(LlamaConfig config, int slots, int capacity) {
    this.slots = slots;
    this.capacity = capacity;
    this.width = config.kvHeads() * config.headDim();
    long floats = (long) slots * capacity * width;
    if (floats > Integer.MAX_VALUE - 8) {
      throw new ModelException(
          "A KV cache of "
              + slots
              + " sequences of "
              + capacity
              + " tokens is too large; sample fewer at a time.");
    }
    keys = new float[config.layers()][(int) floats];
    values = new float[config.layers()][(int) floats];
  }

  /** Number of sequences. */
  public int slots() {
    return slots;
  }

  /** Most tokens of a sequence. */
  public int capacity() {
    return capacity;
  }

  /**
   * Copies the first {@code tokens} tokens of a slot of another cache into a slot of this one: a
   * fork.
   */
  public void copyPrefix(KvCache from, int fromSlot, int toSlot, int tokens) {
    for (int layer = 0; layer < keys.length; layer++) {
      System.arraycopy(
          from.keys[layer],
          from.offset(fromSlot, 0),
          keys[layer],
          offset(toSlot, 0),
          tokens * width);
      System.arraycopy(
          from.values[layer],
          from.offset(fromSlot, 0),
          values[layer],
          offset(toSlot, 0),
          tokens * width);
    }
  }

  int offset(int slot, int position) {
    return (slot * capacity + position) * width;
  }
}
