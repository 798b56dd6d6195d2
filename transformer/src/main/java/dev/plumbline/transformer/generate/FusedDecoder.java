package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Scratch;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.RmsNorm;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The decoder without a graph: the same kernels as the fused operations, with a KV cache and
 * weights packed once, or used where they lie when they are bfloat16. One call reads every weight
 * once, however many rows it feeds.
 *
 * <p>A row's result depends on its own sequence alone, to the bit: not on the rows beside it, on
 * how its sequence was cut into calls, on whether its prompt is shared, or on threads (see {@link
 * Kernels}). So samples can be batched, forked and refilled freely.
 */
public final class FusedDecoder implements Decoder {
  private static final Kernels KERNELS = Kernels.BEST;

  /** Most rows of one product. */
  private static final int ROW_BLOCK = 128;

  /** Rows of one sequence whose attention shares the products. */
  private static final int ATTENTION_BLOCK = 16;

  private final LlamaConfig config;
  private final RotaryTable rotary;
  private final Layer[] layers;
  private final float[] finalNorm;
  private final INDArray embedding; // [vocab, hidden], may be larger than one buffer can be
  private final DecoderWeight[] head;
  private final int qWidth;
  private final int kvWidth;
  private final Work work = new Work();

  /** Weights of one layer as they were when the decoder was made. */
  private record Layer(
      float[] inputNorm,
      DecoderWeight[] qkv,
      float[][] qkvBias, // or null
      DecoderWeight[] o,
      float[] postNorm,
      DecoderWeight[] gateUp,
      DecoderWeight[] down) {}

  /** See {@link Decoder#of}. */
  FusedDecoder(LlamaWeights weights) {
    config = weights.config();
    rotary = new RotaryTable(config);
    qWidth = config.heads() * config.headDim();
    kvWidth = config.kvHeads() * config.headDim();
    layers = new Layer[config.layers()];
    for (int i = 0; i < layers.length; i++) {
      String p = "model.layers." + i + ".";
      layers[i] =
          new Layer(
              row(weights, p + "input_layernorm.weight"),
              DecoderWeight.of(
                  weights,
                  p + "self_attn.q_proj.weight",
                  p + "self_attn.k_proj.weight",
                  p + "self_attn.v_proj.weight"),
              biases(weights, p),
              DecoderWeight.of(weights, p + "self_attn.o_proj.weight"),
              row(weights, p + "post_attention_layernorm.weight"),
              DecoderWeight.of(weights, p + "mlp.gate_proj.weight", p + "mlp.up_proj.weight"),
              DecoderWeight.of(weights, p + "mlp.down_proj.weight"));
    }
    finalNorm = row(weights, "model.norm.weight");
    embedding = weights.get("model.embed_tokens.weight");
    head = DecoderWeight.of(weights, config.headName());
  }

  private static float[][] biases(LlamaWeights weights, String layer) {
    return !weights.config().qkvBias()
        ? null
        : new float[][] {
          row(weights, layer + "self_attn.q_proj.bias"),
          row(weights, layer + "self_attn.k_proj.bias"),
          row(weights, layer + "self_attn.v_proj.bias")
        };
  }

  private static float[] row(LlamaWeights weights, String name) {
    float[] values = new float[(int) weights.get(name).length()];
    Memory.view(weights.get(name)).get(0, values);
    return values;
  }

  @Override
  public LlamaConfig config() {
    return config;
  }

  /** Trunks, which many queries read at once, and branches, which one query reads at a time. */
  record Caches(KvCache trunks, KvCache branches) implements Cache {
    @Override
    public int trunkCapacity() {
      return trunks.capacity();
    }

    @Override
    public int branchCapacity() {
      return branches.capacity();
    }

    @Override
    public void copyBranch(int from, int to, int trunkTokens, int tokens) {
      branches.copy(from, to, tokens);
    }

    @Override
    public void close() {
      // lies on the heap
    }
  }

  @Override
  public Cache newCache(int trunkSlots, int trunkCapacity, int branchSlots, int branchCapacity) {
    return new Caches(
        KvCache.ofTrunks(config, trunkSlots, trunkCapacity),
        KvCache.ofBranches(config, branchSlots, branchCapacity));
  }

  @Override
  public Logits forward(Rows rows, Cache cache, int... wanted) {
    if (!(cache instanceof Caches caches)) {
      throw new IllegalArgumentException(
          "This cache belongs to another decoder; ask the decoder that is run for one.");
    }
    KvCache trunks = caches.trunks();
    KvCache branches = caches.branches();
    int n = rows.size();
    int d = config.hiddenSize();
    rows.check(cache);
    rotary.reserve(Arrays.stream(rows.positions()).max().orElse(0));
    work.reserve(n, wanted.length);
    int stride = Kernels.padded(d);
    List<int[]> blocks = attentionBlocks(rows);
    for (int i = 0; i < n; i++) {
      Matrix.of(embedding, rows.tokens()[i], 1).dense(0, 1, work.x, i * stride);
    }
    for (int l = 0; l < layers.length; l++) {
      int index = l;
      Layer layer = layers[l];
      norm(work.x, n, layer.inputNorm());
      float[][] qkv = {work.q, work.k, work.v};
      linear(work.h, n, layer.qkv(), qkv, false);
      if (layer.qkvBias() != null) {
        for (int k = 0; k < qkv.length; k++) {
          addBias(qkv[k], n, layer.qkvBias()[k]);
        }
      }
      Workers.forChunks(n, 4, (from, to, worker) -> store(index, from, to, rows, trunks, branches));
      Workers.forChunks(
          blocks.size() * config.kvHeads(),
          2,
          (from, to, worker) -> {
            for (int task = from; task < to; task++) {
              int[] block = blocks.get(task / config.kvHeads());
              int kvHead = task % config.kvHeads();
              attend(index, block, kvHead, rows, trunks, branches, Workers.scratch(worker));
            }
          });
      linear(work.o, n, layer.o(), new float[][] {work.x}, true);
      norm(work.x, n, layer.postNorm());
      gateUp(n, layer.gateUp());
      linear(work.act, n, layer.down(), new float[][] {work.x}, true);
    }
    for (int i = 0; i < wanted.length; i++) {
      System.arraycopy(work.x, wanted[i] * stride, work.selected, i * stride, d);
    }
    norm(work.selected, wanted.length, finalNorm);
    linear(work.h, wanted.length, head, new float[][] {work.logits}, false);
    return new Logits(work.logits, Kernels.padded(config.vocabSize()));
  }

  /** {@code h = rmsNorm(x)} for the first n rows. */
  private void norm(float[] x, int n, float[] gain) {
    int d = config.hiddenSize();
    int stride = Kernels.padded(d);
    Workers.forChunks(
        n,
        8,
        (from, to, worker) -> {
          for (int at = from * stride; at < to * stride; at += stride) {
            float r = RmsNorm.inverseRms(x, at, d, config.normEpsilon());
            KERNELS.scaleBy(x, at, r, gain, work.h, at, d);
          }
        });
  }

  private static void addBias(float[] y, int n, float[] bias) {
    int stride = Kernels.padded(bias.length);
    for (int i = 0; i < n; i++) {
      KERNELS.axpy(1f, bias, 0, y, i * stride, bias.length);
    }
  }

  /** Rows of a task: small enough that every thread gets several tasks. */
  private static int rowBlock(int n, int panels) {
    int block = ROW_BLOCK;
    while (block > 8 && (n + block - 1) / block * panels < 5 * Workers.threads()) {
      block /= 2;
    }
    return block;
  }

  /** {@code y_k = x W_k^T}, or added to y_k; a task is a block of rows by a panel of columns. */
  private static void linear(
      float[] x, int n, DecoderWeight[] weights, float[][] y, boolean accumulate) {
    int panels = Arrays.stream(weights).mapToInt(DecoderWeight::count).sum();
    int block = rowBlock(n, panels);
    DecoderWeight.Input[] in = DecoderWeight.inputs(weights, x, n);
    Workers.forChunks(
        (n + block - 1) / block * panels,
        1,
        (from, to, worker) -> {
          for (int task = from; task < to; task++) {
            int row = task / panels * block;
            int rows = Math.min(block, n - row);
            int panel = task % panels;
            int k = 0;
            while (panel >= weights[k].count()) {
              panel -= weights[k++].count();
            }
            int width = Kernels.padded(weights[k].n());
            int at = row * width + panel * KERNELS.panel();
            weights[k].multiplyPanel(panel, row, rows, in[k], y[k], at, width, accumulate);
          }
        });
  }

  /** {@code act = silu(h Gate^T) * (h Up^T)}. */
  private void gateUp(int n, DecoderWeight[] weights) {
    int hidden = config.intermediateSize();
    int width = Kernels.padded(hidden);
    int panels = weights[0].count();
    int columns = KERNELS.panel();
    int block = rowBlock(n, panels);
    DecoderWeight.Input[] in = DecoderWeight.inputs(weights, work.h, n);
    Workers.forChunks(
        (n + block - 1) / block * panels,
        1,
        (from, to, worker) -> {
          float[] gate = Workers.scratch(worker).tile(0, block * columns);
          float[] up = Workers.scratch(worker).tile(1, block * columns);
          for (int task = from; task < to; task++) {
            int row = task / panels * block;
            int rows = Math.min(block, n - row);
            int j = task % panels;
            weights[0].multiplyPanel(j, row, rows, in[0], gate, 0, columns, false);
            weights[1].multiplyPanel(j, row, rows, in[1], up, 0, columns, false);
            int used = Math.min(columns, hidden - j * columns);
            for (int i = 0; i < rows; i++) {
              int target = (row + i) * width + j * columns;
              KERNELS.swiGlu(gate, i * columns, up, i * columns, work.act, target, used);
            }
          }
        });
  }

  /** Turns queries and keys of rows {@code [from, to)} and puts keys and values into the cache. */
  private void store(int layer, int from, int to, Rows rows, KvCache trunks, KvCache branches) {
    int half = config.headDim() / 2;
    int qStride = Kernels.padded(qWidth);
    int kvStride = Kernels.padded(kvWidth);
    for (int i = from; i < to; i++) {
      int angles = rows.positions()[i] * half;
      float[] cos = rotary.cosTable();
      float[] sin = rotary.sinTable();
      KERNELS.turn(work.q, i * qStride, config.heads(), 2 * half, cos, sin, angles, 1f);
      KERNELS.turn(work.k, i * kvStride, config.kvHeads(), 2 * half, cos, sin, angles, 1f);
      boolean trunk = rows.inTrunk(i);
      KvCache cache = trunk ? trunks : branches;
      int slot = rows.slot(i);
      int place = trunk ? rows.positions()[i] : rows.branchSeen(i) - 1;
      cache.put(layer, slot, place, work.k, i * kvStride, work.v, i * kvStride);
    }
  }

  /** Runs {@code {from, to}} of rows that share what they see of a trunk. */
  private static List<int[]> attentionBlocks(Rows rows) {
    List<int[]> blocks = new ArrayList<>();
    for (int from = 0; from < rows.size(); ) {
      int to = from + 1;
      while (to < rows.size() && to - from < ATTENTION_BLOCK && rows.share(from, to)) {
        to++;
      }
      blocks.add(new int[] {from, to});
      from = to;
    }
    return blocks;
  }

  /**
   * Attention of a block of rows and the query heads of one key head: one product with the trunk
   * for all of them, one with its branch for each row.
   */
  private void attend(
      int layer,
      int[] block,
      int kvHead,
      Rows rows,
      KvCache trunks,
      KvCache branches,
      Scratch scratch) {
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
    float[] q = scratch.tile(Scratch.FREE, n * group * headDim);
    float[] p = scratch.tile(Scratch.FREE + 1, n * group * width);
    float[] o = scratch.tile(Scratch.FREE + 2, n * group * headStride);
    int column = kvHead * group * headDim;
    int qStride = Kernels.padded(qWidth);
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
        // A trunk's row does not see what follows it.
        int unseen = config.window() == 0 ? 0 : Math.max(0, seen + own - config.window());
        Arrays.fill(p, at, at + unseen, 0f);
        KERNELS.softmax(p, at + unseen, seen + own - unseen, own == 0 ? trunk - unseen : 0, scale);
      }
    }
    if (trunk > 0) {
      long start = Profile.start();
      float[] values = trunks.values[layer];
      int at = trunks.valueOffset(slot, kvHead);
      KERNELS.product(
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
        KERNELS.product(
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

  @Override
  public void close() {
    // lies on the heap, but for the embedding, which belongs to the weights
  }

  /** Activations of one call, rows padded to whole vectors; grows to the largest call. */
  private final class Work {
    private float[] x = new float[0]; // [n, hidden] the residual stream
    private float[] h; // [n, hidden]
    private float[] q; // [n, heads * headDim]
    private float[] k; // [n, kvHeads * headDim]
    private float[] v;
    private float[] o; // [n, heads * headDim]
    private float[] act; // [n, intermediate]
    private float[] selected = new float[0]; // [wanted, hidden]
    private float[] logits; // [wanted, vocab]

    void reserve(int n, int wanted) {
      int d = Kernels.padded(config.hiddenSize());
      if (n * d > x.length || wanted * d > selected.length) {
        int rows = Math.max(n, x.length / d);
        int most = Math.max(wanted, selected.length / d);
        x = new float[rows * d];
        h = new float[Math.max(rows, most) * d];
        q = new float[rows * Kernels.padded(qWidth)];
        k = new float[rows * Kernels.padded(kvWidth)];
        v = new float[rows * Kernels.padded(kvWidth)];
        o = new float[rows * Kernels.padded(qWidth)];
        act = new float[rows * Kernels.padded(config.intermediateSize())];
        selected = new float[most * d];
        logits = new float[most * Kernels.padded(config.vocabSize())];
      }
    }
  }
}
