package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.LlamaConfig;
import java.util.Arrays;

/**
 * A decoder with a KV cache, for generation: on our own kernels ({@link FusedDecoder}) or on stock
 * operations ({@link ComposedDecoder}). One call feeds tokens of any number of sequences. Always
 * use it on the same thread, and close it.
 */
public sealed interface Decoder extends AutoCloseable permits FusedDecoder, ComposedDecoder {
  /** A decoder on the current weights; make a new one after training. */
  static Decoder of(LlamaWeights weights, OpMode mode) {
    return switch (mode) {
      case FUSED -> new FusedDecoder(weights);
      case COMPOSED -> new ComposedDecoder(weights);
    };
  }

  /** Architecture. */
  LlamaConfig config();

  /**
   * An empty cache for this decoder. A sequence may be stored in two places: tokens that it shares
   * with others (a prompt, a trajectory) in a trunk, its own tokens in a branch; see {@link Rows}.
   *
   * @param trunkCapacity maximum number of tokens of a trunk
   * @param branchSlots number of branches; may be 0
   * @param branchCapacity maximum number of tokens of a branch, without those of its trunk
   */
  Cache newCache(int trunkSlots, int trunkCapacity, int branchSlots, int branchCapacity);

  /**
   * Feeds rows and returns logits.
   *
   * @param cache receives the rows' keys and values; a cache of this decoder
   * @param wanted [w] rows whose logits are wanted
   */
  Logits forward(Rows rows, Cache cache, int... wanted);

  @Override
  void close();

  /** Keys and values of the sequences. It belongs to the decoder that made it. Close it. */
  sealed interface Cache extends AutoCloseable permits FusedDecoder.Caches, ComposedCache {
    /** Maximum number of tokens of a trunk. */
    int trunkCapacity();

    /** Maximum number of tokens of a branch, without those of its trunk. */
    int branchCapacity();

    /**
     * Copies the first tokens of a branch to another branch of the same trunk.
     *
     * @param trunkTokens tokens of the trunk that both continue
     * @param tokens number of branch tokens to copy
     */
    void copyBranch(int from, int to, int trunkTokens, int tokens);

    @Override
    void close();
  }

  /**
   * The input of one call: n rows of one token each. A row belongs to a trunk (tokens that
   * sequences share) or to a branch, which continues the first {@code trunkTokens} tokens of a
   * trunk. The rows of a sequence are in rising order, and each of its earlier tokens is in the
   * cache or in this call.
   *
   * @param tokens [n] token ids
   * @param positions [n] positions, counted from the trunk's start
   * @param trunks [n] slot in the cache of trunks, -1 for a sequence without one
   * @param trunkTokens [n] tokens of the trunk that a branch continues; ignored for a row of the
   *     trunk
   * @param branches [n] slot in the cache of branches, -1 for a row of the trunk itself
   */
  record Rows(int[] tokens, int[] positions, int[] trunks, int[] trunkTokens, int[] branches) {
    /** Tokens of one sequence, starting at a position, all in one trunk slot. */
    public static Rows ofTrunk(int slot, int firstPosition, int... tokens) {
      int n = tokens.length;
      int[] positions = new int[n];
      int[] trunks = new int[n];
      int[] branches = new int[n];
      Arrays.setAll(positions, i -> firstPosition + i);
      Arrays.fill(trunks, slot);
      Arrays.fill(branches, -1);
      return new Rows(tokens, positions, trunks, new int[n], branches);
    }

    int size() {
      return tokens.length;
    }

    boolean inTrunk(int i) {
      return branches[i] < 0;
    }

    /** Slot of row i in the cache of its kind. */
    int slot(int i) {
      return inTrunk(i) ? trunks[i] : branches[i];
    }

    /** Tokens of the trunk that row i sees. */
    int trunkSeen(int i) {
      return inTrunk(i) ? positions[i] + 1 : trunkTokens[i];
    }

    /** Tokens of its branch that row i sees. */
    int branchSeen(int i) {
      return inTrunk(i) ? 0 : positions[i] + 1 - trunkTokens[i];
    }

    /** Whether rows a and b see the same tokens of the same trunk, or are both rows of it. */
    boolean share(int a, int b) {
      return trunks[a] == trunks[b]
          && inTrunk(a) == inTrunk(b)
          && (inTrunk(a) || trunkTokens[a] == trunkTokens[b]);
    }

    /** Refuses rows that do not fit into a cache. */
    void check(Cache cache) {
      for (int i = 0; i < size(); i++) {
        int capacity = inTrunk(i) ? cache.trunkCapacity() : cache.branchCapacity();
        int place = inTrunk(i) ? positions[i] : branchSeen(i) - 1;
        if (place >= capacity) {
          throw new IllegalArgumentException(
              "Position " + place + " lies outside a cache of " + capacity + ".");
        }
      }
    }
  }

  /**
   * Logits of the wanted rows, valid until the next call.
   *
   * @param values row i starts at {@code i * stride}
   * @param stride floats per row, at least the size of the vocabulary
   */
  record Logits(float[] values, int stride) {
    /** Copies row {@code i} into {@code target}, as many values as it holds. */
    public void get(int i, float[] target) {
      System.arraycopy(values, i * stride, target, 0, target.length);
    }
  }
}
