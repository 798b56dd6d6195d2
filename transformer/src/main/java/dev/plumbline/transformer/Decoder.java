package dev.plumbline.transformer;

import dev.plumbline.tensor.engine.Blas;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.engine.RowKernels;
import dev.plumbline.tensor.engine.Workers;
import dev.plumbline.tensor.ops.Rotary;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The decoder without a graph, for generation: the same kernels on the same live weights, with a KV
 * cache. A SameDiff graph per token would spend 120 to 220 microseconds an operation.
 *
 * <p>One call feeds any mix of rows: the tokens of a prompt, or one token of each of many
 * sequences.
 */
public final class Decoder implements AutoCloseable {
  private final LlamaConfig config;
  private final RotaryTable rotary;
  private final Layer[] layers;
  private final float[] finalNorm;
  private final FloatPointer embedding;
  private final FloatPointer head;
  private final Work work = new Work();

  /** Weights of one layer; norms are copied, so make a new decoder after training. */
  private record Layer(
      float[] inputNorm,
      FloatPointer q,
      FloatPointer k,
      FloatPointer v,
      FloatPointer o,
      float[] postNorm,
      FloatPointer gate,
      FloatPointer up,
      FloatPointer down) {}

  /** A decoder on the weights as they are now. */
  public Decoder(LlamaWeights weights) {
    config = weights.config();
    rotary = new RotaryTable(config);
    layers = new Layer[config.layers()];
    for (int i = 0; i < layers.length; i++) {
      String p = "model.layers." + i + ".";
      layers[i] =
          new Layer(
              row(weights, p + "input_layernorm.weight"),
              Memory.pointer(weights.get(p + "self_attn.q_proj.weight")),
              Memory.pointer(weights.get(p + "self_attn.k_proj.weight")),
              Memory.pointer(weights.get(p + "self_attn.v_proj.weight")),
              Memory.pointer(weights.get(p + "self_attn.o_proj.weight")),
              row(weights, p + "post_attention_layernorm.weight"),
              Memory.pointer(weights.get(p + "mlp.gate_proj.weight")),
              Memory.pointer(weights.get(p + "mlp.up_proj.weight")),
              Memory.pointer(weights.get(p + "mlp.down_proj.weight")));
    }
    finalNorm = row(weights, "model.norm.weight");
    embedding = Memory.pointer(weights.get("model.embed_tokens.weight"));
    head = Memory.pointer(weights.get(config.headName()));
  }

  private static float[] row(LlamaWeights weights, String name) {
    float[] values = new float[(int) weights.get(name).length()];
    Memory.view(weights.get(name)).get(0, values);
    return values;
  }

  /** Architecture. */
  public LlamaConfig config() {
    return config;
  }

  /**
   * Feeds rows and returns logits.
   *
   * @param tokens [n] token of each row
   * @param slots [n] sequence of each row
   * @param positions [n] position of each row, rows of a sequence in rising order; every earlier
   *     position of the sequence is in the cache or in this call
   * @param cache receives keys and values
   * @param wanted [w] rows whose logits are wanted
   * @return logits [w, vocab], valid until the next call
   */
  public FloatBuffer forward(
      int[] tokens, int[] slots, int[] positions, KvCache cache, int[] wanted) {
    int n = tokens.length;
    int d = config.hiddenSize();
    for (int position : positions) {
      if (position >= cache.capacity()) {
        throw new IllegalArgumentException(
            "Position " + position + " lies outside a cache of " + cache.capacity() + ".");
      }
    }
    work.reserve(n, wanted.length);
    float[] x = work.residual; // [n, hidden]
    for (int i = 0; i < n; i++) {
      Memory.view(embedding, (long) tokens[i] * d, d).get(0, x, i * d, d);
    }
    float[] cos = rotary.cos(positions);
    float[] sin = rotary.sin(positions);
    int qWidth = config.heads() * config.headDim();
    int kvWidth = config.kvHeads() * config.headDim();
    for (int l = 0; l < layers.length; l++) {
      Layer layer = layers[l];
      norm(x, n, layer.inputNorm());
      Blas.linear(work.h, layer.q(), work.q, n, d, qWidth, 0f);
      Blas.linear(work.h, layer.k(), work.k, n, d, kvWidth, 0f);
      Blas.linear(work.h, layer.v(), work.v, n, d, kvWidth, 0f);
      store(l, n, slots, positions, cache, cos, sin);
      attend(l, n, slots, positions, cache, cos, sin);
      Blas.linear(work.o, layer.o(), work.h, n, qWidth, d, 0f);
      addResidual(x, n);
      norm(x, n, layer.postNorm());
      Blas.linear(work.h, layer.gate(), work.gate, n, d, config.intermediateSize(), 0f);
      Blas.linear(work.h, layer.up(), work.up, n, d, config.intermediateSize(), 0f);
      swiGlu(n);
      Blas.linear(work.gate, layer.down(), work.h, n, config.intermediateSize(), d, 0f);
      addResidual(x, n);
    }
    for (int i = 0;
        i < wanted.length;
        i++) { // wanted rows move to the front, where they overwrite rows not wanted
      System.arraycopy(x, wanted[i] * d, work.selected, i * d, d);
    }
    norm(work.selected, wanted.length, finalNorm);
    Blas.linear(work.h, head, work.logits, wanted.length, d, config.vocabSize(), 0f);
    return work.logitsView;
  }

  private void norm(float[] x, int n, float[] gain) {
    int d = config.hiddenSize();
    Workers.forChunks(
        n,
        32,
        (from, to, worker) -> {
          float[] row = Workers.scratch(worker).tile(0, d);
          for (int i = from; i < to; i++) {
            float square = RowKernels.dot(x, i * d, x, i * d, d);
            float r = (float) (1 / Math.sqrt(square / (double) d + config.normEpsilon()));
            RowKernels.scaleBy(x, i * d, r, gain, row, 0, d);
            work.hView.put(i * d, row, 0, d);
          }
        });
  }

  private void addResidual(float[] x, int n) {
    int d = config.hiddenSize();
    float[] row = Workers.scratch(0).tile(0, n * d);
    work.hView.get(0, row, 0, n * d);
    RowKernels.axpy(1f, row, 0, x, 0, n * d);
  }

  private void swiGlu(int n) {
    int width = config.intermediateSize();
    Workers.forChunks(
        n,
        8,
        (from, to, worker) -> {
          float[] gate = Workers.scratch(worker).tile(0, width);
          float[] up = Workers.scratch(worker).tile(1, width);
          for (int i = from; i < to; i++) {
            work.gateView.get(i * width, gate, 0, width);
            work.upView.get(i * width, up, 0, width);
            RowKernels.swiGlu(gate, up, gate, width);
            work.gateView.put(i * width, gate, 0, width);
          }
        });
  }

  private void store(
      int layer, int n, int[] slots, int[] positions, KvCache cache, float[] cos, float[] sin) {
    int width = config.kvHeads() * config.headDim();
    int half = config.headDim() / 2;
    for (int i = 0; i < n; i++) {
      int at = cache.offset(slots[i], positions[i]);
      work.kView.get(i * width, cache.keys[layer], at, width);
      Rotary.turn(cache.keys[layer], at, width, config.headDim(), cos, sin, i * half, 1f);
      work.vView.get(i * width, cache.values[layer], at, width);
    }
  }

  private void attend(
      int layer, int n, int[] slots, int[] positions, KvCache cache, float[] cos, float[] sin) {
    int headDim = config.headDim();
    int qWidth = config.heads() * headDim;
    int kvWidth = config.kvHeads() * headDim;
    int group = config.heads() / config.kvHeads();
    float scale = (float) (1 / Math.sqrt(headDim));
    Workers.forChunks(
        n,
        1,
        (from, to, worker) -> {
          float[] q = Workers.scratch(worker).tile(0, qWidth);
          float[] o = Workers.scratch(worker).tile(1, qWidth);
          for (int i = from; i < to; i++) {
            int seen = positions[i] + 1;
            float[] scores = Workers.scratch(worker).tile(2, seen);
            work.qView.get(i * qWidth, q, 0, qWidth);
            Rotary.turn(q, 0, qWidth, headDim, cos, sin, i * (headDim / 2), 1f);
            Arrays.fill(o, 0, qWidth, 0f);
            int base = cache.offset(slots[i], 0);
            for (int h = 0; h < config.heads(); h++) {
              int column = base + h / group * headDim;
              for (int p = 0; p < seen; p++) {
                scores[p] =
                    RowKernels.dot(
                        q, h * headDim, cache.keys[layer], column + p * kvWidth, headDim);
              }
              float max = RowKernels.max(scores, 0, seen) * scale;
              float inverse = 1 / RowKernels.expSum(scores, 0, seen, scale, max);
              for (int p = 0; p < seen; p++) {
                RowKernels.axpy(
                    scores[p] * inverse,
                    cache.values[layer],
                    column + p * kvWidth,
                    o,
                    h * headDim,
                    headDim);
              }
            }
            work.oView.put(i * qWidth, o, 0, qWidth);
          }
        });
  }

  @Override
  public void close() {
    work.free();
  }

  /** Activations of one call; grows to the largest call and is reused. */
  private final class Work {
    private int rows;
    private int wantedRows;
    private float[] residual = new float[0];
    private float[] selected = new float[0];
    private FloatPointer h;
    private FloatPointer q;
    private FloatPointer k;
    private FloatPointer v;
    private FloatPointer o;
    private FloatPointer gate;
    private FloatPointer up;
    private FloatPointer logits;
    private FloatBuffer hView;
    private FloatBuffer qView;
    private FloatBuffer kView;
    private FloatBuffer vView;
    private FloatBuffer oView;
    private FloatBuffer gateView;
    private FloatBuffer upView;
    private FloatBuffer logitsView;

    void reserve(int n, int wanted) {
      if (n <= rows && wanted <= wantedRows) {
        return;
      }
      free();
      rows = Math.max(n, rows);
      wantedRows = Math.max(wanted, wantedRows);
      int most = Math.max(rows, wantedRows);
      int qWidth = config.heads() * config.headDim();
      int kvWidth = config.kvHeads() * config.headDim();
      residual = new float[rows * config.hiddenSize()];
      selected = new float[wantedRows * config.hiddenSize()];
      h = new FloatPointer((long) most * config.hiddenSize());
      q = new FloatPointer((long) rows * qWidth);
      k = new FloatPointer((long) rows * kvWidth);
      v = new FloatPointer((long) rows * kvWidth);
      o = new FloatPointer((long) rows * qWidth);
      gate = new FloatPointer((long) rows * config.intermediateSize());
      up = new FloatPointer((long) rows * config.intermediateSize());
      logits = new FloatPointer((long) wantedRows * config.vocabSize());
      hView = whole(h);
      qView = whole(q);
      kView = whole(k);
      vView = whole(v);
      oView = whole(o);
      gateView = whole(gate);
      upView = whole(up);
      logitsView = whole(logits);
    }

    private FloatBuffer whole(FloatPointer p) {
      return Memory.view(p, 0, p.capacity());
    }

    void free() {
      for (FloatPointer p : new FloatPointer[] {h, q, k, v, o, gate, up, logits}) {
        if (p != null) {
          p.close();
        }
      }
    }
  }
}
