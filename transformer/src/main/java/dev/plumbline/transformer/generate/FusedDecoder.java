package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.RmsNorm;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A decoder without a graph. It uses the kernels of the fused operations, a KV cache, and weights
 * that are packed once, or read in place when they are bfloat16. One call reads every weight once,
 * however many rows it feeds.
 *
 * <p>Batch invariance: a row's result is bit-identical whatever else is in the batch, however its
 * sequence is divided into calls, whether its prompt is shared or not, and for any number of
 * threads (see {@link Kernels}). {@link #forward} is the whole model on one screen; {@link
 * DecoderAttention} is its attention.
 */
public final class FusedDecoder implements Decoder {
  /** Maximum number of rows of one product. */
  private static final int ROW_BLOCK = 128;

  private final LlamaConfig config;
  private final RotaryTable rotary;
  private final Layer[] layers;
  private final float[] finalNorm;
  private final INDArray embedding; // [vocab, hidden], may be too large for one buffer
  private final DecoderWeight[] head;
  private final Activations work;

  /** Weights of one layer, as they were when the decoder was made. */
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
    work = new Activations(config);
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

  /** Trunks, which many queries read at once, and branches, each read by one query at a time. */
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
      // arrays on the heap need no release
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
          "This cache belongs to another decoder; make it with newCache of this decoder.");
    }
    int n = rows.size();
    int d = config.hiddenSize();
    rows.check(cache);
    rotary.reserve(Arrays.stream(rows.positions()).max().orElse(0));
    work.reserve(n, wanted.length);
    int stride = Kernels.padded(d);
    DecoderAttention attention = new DecoderAttention(config, rotary, work, rows, caches);
    for (int i = 0; i < n; i++) {
      Matrix.of(embedding, rows.tokens()[i], 1).dense(0, 1, work.x, i * stride);
    }
    for (int l = 0; l < layers.length; l++) {
      Layer layer = layers[l];
      norm(work.x, n, layer.inputNorm());
      float[][] qkv = {work.q, work.k, work.v};
      linear(work.h, n, layer.qkv(), qkv, false);
      if (layer.qkvBias() != null) {
        for (int k = 0; k < qkv.length; k++) {
          addBias(qkv[k], n, layer.qkvBias()[k]);
        }
      }
      attention.of(l);
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
            Kernels.ROWS.scaleBy(x, at, r, gain, work.h, at, d);
          }
        });
  }

  private static void addBias(float[] y, int n, float[] bias) {
    int stride = Kernels.padded(bias.length);
    for (int i = 0; i < n; i++) {
      Kernels.ROWS.axpy(1f, bias, 0, y, i * stride, bias.length);
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
            int at = row * width + panel * Kernels.PRODUCTS.panel();
            weights[k].multiplyPanel(panel, row, rows, in[k], y[k], at, width, accumulate);
          }
        });
  }

  /** {@code act = silu(h Gate^T) * (h Up^T)}. */
  private void gateUp(int n, DecoderWeight[] weights) {
    int hidden = config.intermediateSize();
    int width = Kernels.padded(hidden);
    int panels = weights[0].count();
    int columns = Kernels.PRODUCTS.panel();
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
              Kernels.ROWS.swiGlu(gate, i * columns, up, i * columns, work.act, target, used);
            }
          }
        });
  }

  @Override
  public void close() {
    // all arrays are on the heap, except the embedding, which belongs to the weights
  }
}
