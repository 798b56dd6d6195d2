package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.graph.Engine;
import dev.plumbline.tensor.graph.ForwardGraph;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.CachedAttention;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.graph.DecoderLayer;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The decoder as one SameDiff graph of stock operations for a step over b sequences of t tokens:
 * the reference for {@link FusedDecoder} in tests and benchmarks, and the decoder that a GPU can
 * run.
 *
 * <p>A call needs one or more runs ({@link ComposedStep}), trunks first, because a branch may
 * continue tokens that the same call feeds.
 */
public final class ComposedDecoder implements Decoder {
  private static final String IDS = "ids";
  private static final String COS = "rotary_cos";
  private static final String SIN = "rotary_sin";
  private static final String MASK = "mask";
  private static final String WANTED = "wanted";
  private static final String LOGITS = "logits";

  private final LlamaConfig config;
  private final RotaryTable rotary;
  private final ForwardGraph graph;
  private final String[] outputs; // logits, then keys and values of each layer

  /** See {@link Decoder#of}. */
  ComposedDecoder(LlamaWeights weights) {
    config = weights.config();
    rotary = new RotaryTable(config);
    List<String> names = new ArrayList<>(List.of(LOGITS));
    for (int l = 0; l < config.layers(); l++) {
      names.add(name("keys", l));
      names.add(name("values", l));
    }
    outputs = names.toArray(String[]::new);
    graph = new ForwardGraph(build(weights));
  }

  private static String name(String what, int layer) {
    return what + "." + layer;
  }

  private SameDiff build(LlamaWeights arrays) {
    SameDiff sd = Engine.newGraph();
    Ops ops = new Ops(sd, OpMode.COMPOSED);
    Map<String, SDVariable> weights = new HashMap<>();
    arrays.arrays().forEach((name, array) -> weights.put(name, sd.constant(name, array)));
    long headDim = config.headDim();
    long kvHeads = config.kvHeads();
    SDVariable ids = sd.placeHolder(IDS, DataType.INT32, -1); // [b * t]
    SDVariable cos = sd.placeHolder(COS, DataType.FLOAT, -1, headDim / 2); // [b * t, headDim / 2]
    SDVariable sin = sd.placeHolder(SIN, DataType.FLOAT, -1, headDim / 2);
    SDVariable mask = sd.placeHolder(MASK, DataType.FLOAT, -1, -1, -1); // [b, t, past + t]
    SDVariable wanted = sd.placeHolder(WANTED, DataType.INT32, -1); // [w]
    CachedAttention attention =
        ops.cachedAttention(cos, sin, mask, config.heads(), config.kvHeads(), config.headDim());
    DecoderLayer layers =
        new DecoderLayer(
            ops,
            config,
            weights,
            (layer, q, k, v) -> {
              long[] past = {-1, kvHeads, -1, headDim}; // [b, kvHeads, past, headDim]
              SDVariable keys = sd.placeHolder(name("past_keys", layer), DataType.FLOAT, past);
              SDVariable values = sd.placeHolder(name("past_values", layer), DataType.FLOAT, past);
              CachedAttention.Result result = attention.layer(q, k, v, keys, values);
              result.keys().rename(name("keys", layer));
              result.values().rename(name("values", layer));
              return result.o();
            },
            null);
    SDVariable hidden =
        LlamaGraph.decoder(ops, config, weights, ids, layers::of); // [b * t, hidden]
    ops.linear(ops.rows(hidden, wanted), weights.get(config.headName()))[0].rename(LOGITS);
    return sd;
  }

  @Override
  public LlamaConfig config() {
    return config;
  }

  @Override
  public Cache newCache(int trunkSlots, int trunkCapacity, int branchSlots, int branchCapacity) {
    return new ComposedCache(config, trunkSlots, trunkCapacity, branchSlots, branchCapacity);
  }

  @Override
  public Logits forward(Rows rows, Cache cache, int... wanted) {
    if (!(cache instanceof ComposedCache own)) {
      throw new IllegalArgumentException(
          "This cache belongs to another decoder; make it with newCache of this decoder.");
    }
    rows.check(cache);
    float[] logits = new float[wanted.length * config.vocabSize()]; // [w, vocab]
    for (boolean trunk : new boolean[] {true, false}) {
      for (ComposedStep step : ComposedStep.of(rows, trunk)) {
        if (!trunk) {
          fork(rows, step, own);
        }
        run(step, own.store(trunk), rows.size(), wanted, logits);
      }
    }
    return new Logits(logits, config.vocabSize());
  }

  /** Copies the trunk to branches whose first token is fed. */
  private static void fork(Rows rows, ComposedStep step, ComposedCache cache) {
    for (int[] fed : step.fed()) {
      if (fed.length > 0 && rows.branchSeen(fed[0]) == 1 && rows.trunkTokens()[fed[0]] > 0) {
        int i = fed[0];
        cache.fork(rows.trunks()[i], rows.branches()[i], rows.trunkTokens()[i]);
      }
    }
  }

  private void run(
      ComposedStep step, ComposedCache.Store store, int n, int[] wanted, float[] logits) {
    int[] places = step.places(n);
    int[] own = // wanted rows of this step
        IntStream.range(0, wanted.length).filter(i -> places[wanted[i]] >= 0).toArray();
    int[] asked = // at least one, because empty arrays fail
        own.length == 0 ? new int[1] : Arrays.stream(own).map(i -> places[wanted[i]]).toArray();
    int b = step.b();
    int t = step.t();
    long tokens = step.ids().length;
    int past = step.past();
    Map<String, INDArray> inputs = new HashMap<>();
    inputs.put(IDS, Nd4j.createFromArray(step.ids()));
    inputs.put(COS, array(rotary.cos(step.positions()), tokens, rotary.half()));
    inputs.put(SIN, array(rotary.sin(step.positions()), tokens, rotary.half()));
    inputs.put(MASK, array(step.mask(config.window()), b, t, past + t));
    inputs.put(WANTED, Nd4j.createFromArray(asked));
    List<INDArray> toClose = new ArrayList<>(inputs.values()); // the cache's views stay open
    INDArray targets = Nd4j.createFromArray(store.places(step));
    toClose.add(targets);
    int end = step.first() + b;
    for (int l = 0; l < config.layers(); l++) {
      inputs.put(name("past_keys", l), store.view(store.keys[l], step.first(), end, past));
      inputs.put(name("past_values", l), store.view(store.values[l], step.first(), end, past));
    }
    try {
      graph.run(
          inputs,
          results -> {
            for (int l = 0; l < config.layers(); l++) {
              store.put(store.keys[l], targets, results.get(name("keys", l)));
              store.put(store.values[l], targets, results.get(name("values", l)));
            }
            int vocab = config.vocabSize();
            for (int i = 0; i < own.length; i++) {
              Memory.view(results.get(LOGITS)).get(i * vocab, logits, own[i] * vocab, vocab);
            }
            return null;
          },
          outputs);
    } finally {
      toClose.forEach(INDArray::close);
    }
  }

  private static INDArray array(float[] values, long... shape) {
    return Nd4j.create(values, shape, 'c');
  }

  @Override
  public void close() {
    graph.close();
  }
}
