package dev.plumbline.transformer.generate;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens that continue a {@link SharedPrefix} and that some responses have in common. Their keys
 * and values are stored in one branch slot of the KV cache, and each pass feeds one row for all of
 * these responses.
 */
final class Fork {
  final SharedPrefix prefix;
  final int start; // number of prefix tokens before it
  private int[] ids;
  private int length;
  int fed; // tokens whose keys and values are in the slot
  int slot = -1;
  List<Sequence> sequences;

  private Fork(SharedPrefix prefix, int start, int[] ids, int length, List<Sequence> sequences) {
    this.prefix = prefix;
    this.start = start;
    this.ids = ids;
    this.length = length;
    this.sequences = sequences;
  }

  /** A fork without tokens. */
  static Fork empty(SharedPrefix prefix, int start) {
    return new Fork(prefix, start, new int[0], 0, List.of());
  }

  /** A new fork with the same tokens and {@code more}. */
  Fork with(IntBuffer more, List<Sequence> others) {
    Fork fork = new Fork(prefix, start, ids.clone(), length, others);
    fork.add(more);
    return fork;
  }

  void add(IntBuffer more) {
    int count = more.remaining();
    if (length + count > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(16, 2 * (length + count)));
    }
    more.get(more.position(), ids, length, count);
    length += count;
  }

  /** Number of tokens. */
  int length() {
    return length;
  }

  /** Token i. */
  int id(int i) {
    return ids[i];
  }

  /** Copies all tokens to {@code target[at ...]}. */
  void copy(int[] target, int at) {
    System.arraycopy(ids, 0, target, at, length);
  }
}
