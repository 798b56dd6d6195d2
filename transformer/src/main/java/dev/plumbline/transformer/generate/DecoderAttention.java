package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Attention of one call of {@link FusedDecoder}: every row attends to the tokens of its trunk and
 * of its branch in the KV cache, which the call first extends by its own rows.
 */
final class DecoderAttention {
  /** Rows that share one product with a trunk. */
  private static final int BLOCK = 16;

  private final LlamaConfig config;
  private final RotaryTable rotary;
  private final Activations work;
  private final Decoder.Rows rows;
  private final KvCache trunks;
  private final KvCache branches;
  private final List<int[]> blocks;

  DecoderAttention(
      LlamaConfig config,
      RotaryTable rotary,
      Activations work,
      Decoder.Rows rows,
      FusedDecoder.Caches caches) {
    this.config = config;
    this.rotary = rotary;
    this.work = work;
    this.rows = rows;
    this.trunks = caches.trunks();
    this.branches = caches.branches();
    this.blocks = blocks(rows);
  }

  /** Attention of one layer: from q, k and v of the activations to o. */
  void of(int layer) {
    Workers.forChunks(rows.size(), 4, (from, to, worker) -> store(layer, from, to));
    Workers.forChunks(
        blocks.size() * config.kvHeads(),
        2,
        (from, to, worker) -> {
          for (int task = from; task < to; task++) {
            int[] block = blocks.get(task / config.kvHeads());
            attend(layer, block, task % config.kvHeads(), Workers.scratch(worker));
          }
        });
  }

  /**
   * Rotates queries and keys of rows {@code [from, to)}, and puts keys and values into the cache.
   */
  private void store(int layer, int from, int to) {
    int half = config.headDim() / 2;
    int qStride = work.qStride();
    int kvStride = work.kvStride();
    for (int i = from; i < to; i++) {
      int angles = rows.positions()[i] * half;
      float[] cos = rotary.cosTable();
      float[] sin = rotary.sinTable();
      Kernels.ROWS.rotate(work.q, i * qStride, config.heads(), 2 * half, cos, sin, angles, 1f);
      Kernels.ROWS.rotate(work.k, i * kvStride, config.kvHeads(), 2 * half, cos, sin, angles, 1f);
      boolean trunk = rows.inTrunk(i);
      KvCache cache = trunk ? trunks : branches;
      int slot = rows.slot(i);
      int place = trunk ? rows.positions()[i] : rows.branchSeen(i) - 1;
      cache.put(layer, slot, place, work.k, i * kvStride, work.v, i * kvStride);
    }
  }

  /** Blocks {@code {from, to}} of rows that see the same tokens of a trunk. */
  private static List<int[]> blocks(Decoder.Rows rows) {
    List<int[]> blocks = new ArrayList<>();
    for (int from = 0; from < rows.size(); ) {
      int to = from + 1;
      while (to < rows.size() && to - from < BLOCK && rows.share(from, to)) {
        to++;
      }
      blocks.add(new int[] {from, to});
      from = to;
    }
    return blocks;
  }

  /**
   * Attention of one block of rows for the query heads of one key head: one product with the trunk
   * for all rows, and one product per row with its branch.
   */
  private void attend(int layer, int[] block, int kvHead, Scratch scratch) {
    int headDim = config.headDim();
    int group = config.heads() / config.kvHeads();
    int headStride = Kernels.padded(headDim);
    float scale = (float) (1 / Math.sqrt(headDim));
    int n = block[1] - block[0];
    int trunk = 0;
    int branch = 0;
    for (int i = block[0]; i < block[1]; i++) {
      trunk = Math.max(trunk, rows.trunkSeen(i));
      branch = Math.max(branch, rows.branchSeen(i));
    }
    int width = Kernels.padded(trunk + branch + 2 * Kernels.ALIGN); // room for whole vectors
    float[] q = scratch.tile(Scratch.FREE, n * group * headDim); // [n * group, headDim]
    float[] p = scratch.tile(Scratch.FREE + 1, n * group * width); // [n * group, width]
    float[] o = scratch.tile(Scratch.FREE + 2, n * group * headStride); // [n * group, headStride]
    int column = kvHead * group * headDim;
    int qStride = work.qStride();
    for (int i = 0; i < n; i++) {
      int at = (block[0] + i) * qStride + column;
      System.arraycopy(work.q, at, q, i * group * headDim, group * headDim);
    }
    int slot = rows.trunks()[block[0]];
    int all = n * group;
    if (trunk > 0) {
      trunks.scores(layer, slot, kvHead, trunk, all, q, 0, p, 0, width);
    }
    for (int i = 0; i < n; i++) {
      int row = block[0] + i;
      int first = i * group;
      int seen = rows.trunkSeen(row);
      int own = rows.branchSeen(row);
      if (own > 0) {
        int to = first * width + seen;
        int branchSlot = rows.branches()[row];
        branches.scores(layer, branchSlot, kvHead, own, group, q, first * headDim, p, to, width);
      }
      for (int at = first * width; at < (first + group) * width; at += width) {
        // A row of the trunk does not see the tokens after it.
        int unseen = config.window() == 0 ? 0 : Math.max(0, seen + own - config.window());
        Arrays.fill(p, at, at + unseen, 0f);
        Kernels.ROWS.softmax(
            p, at + unseen, seen + own - unseen, own == 0 ? trunk - unseen : 0, scale);
      }
    }
    if (trunk > 0) {
      long start = Profile.start();
      float[] values = trunks.values[layer];
      int at = trunks.valueOffset(slot, kvHead);
      Kernels.PRODUCTS.product(
          all,
          headDim,
          trunk,
          p,
          0,
          width,
          1,
          values,
          at,
          trunks.valueStride,
          o,
          0,
          headStride,
          false);
      Profile.end(Profile.Part.PRODUCT, start);
    }
    for (int i = 0; i < n; i++) {
      int row = block[0] + i;
      int first = i * group;
      int own = rows.branchSeen(row);
      if (own > 0) {
        long start = Profile.start();
        float[] values = branches.values[layer];
        int at = branches.valueOffset(rows.branches()[row], kvHead);
        int from = first * width + rows.trunkSeen(row);
        Kernels.PRODUCTS.product(
            group,
            headDim,
            own,
            p,
            from,
            width,
            1,
            values,
            at,
            branches.valueStride,
            o,
            first * headStride,
            headStride,
            trunk > 0);
        Profile.end(Profile.Part.PRODUCT, start);
      }
      for (int r = 0; r < group; r++) {
        int to = row * qStride + column + r * headDim;
        System.arraycopy(o, (first + r) * headStride, work.o, to, headDim);
      }
    }
  }
}
