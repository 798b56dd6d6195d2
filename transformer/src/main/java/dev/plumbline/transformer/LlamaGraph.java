package dev.plumbline.transformer;

import dev.plumbline.tensor.engine.Engine;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.ops.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The decoder as a SameDiff graph from token ids to the log-probabilities of the scored tokens. The
 * whole model is {@link #decoder}: pre-norm blocks of attention and SwiGLU (Touvron et al. 2023,
 * section 2.2).
 */
public final class LlamaGraph {
  /** Placeholder: token ids [n] int32. */
  public static final String IDS = "ids";

  /** Placeholder: cosines of the rotary angles [n, headDim / 2]. */
  public static final String COS = "rotary_cos";

  /** Placeholder: sines of the rotary angles [n, headDim / 2]. */
  public static final String SIN = "rotary_sin";

  /**
   * Placeholder: segments [s, 4] int32 (fused) or attention mask [trees, length, length] float32
   * (composed).
   */
  public static final String STRUCTURE = "structure";

  /** Placeholder: tokens whose hidden state predicts [m] int32. */
  public static final String ROWS = "rows";

  /** Placeholder: predicted tokens [m] int32. */
  public static final String TARGETS = "targets";

  /** Placeholder of an adapter with dropout: seed of the masks [1] int32. */
  public static final String DROPOUT_SEED = "dropout_seed";

  /** Output: log-probability of each predicted token [m]. */
  public static final String LOGPROBS = "logprobs";

  /** Output, with a reference: KL(reference || policy) of the distribution of each token [m]. */
  public static final String REFERENCE_KL = "reference_kl";

  private final LlamaConfig config;
  private final SameDiff sd = Engine.newGraph();
  private final Ops ops;
  private final Map<String, SDVariable> weights = new HashMap<>();
  private final List<String> trained = new ArrayList<>();
  private final SDVariable logProbs;
  private final SDVariable referenceKl; // or null

  /** A graph on live weights that trains all of them. */
  public LlamaGraph(LlamaWeights weights, OpMode mode) {
    this(weights, mode, name -> true);
  }

  /** A graph on live weights; those that {@code trainable} refuses are constants. */
  public LlamaGraph(LlamaWeights weights, OpMode mode, Predicate<String> trainable) {
    this(weights, mode, trainable, null, null);
  }

  /**
   * A graph to train.
   *
   * @param adapter is trained in place of the weights, or null
   * @param reference a frozen model of the same vocabulary beside it, for {@link #referenceKl()},
   *     or null
   */
  public LlamaGraph(LlamaWeights weights, OpMode mode, Lora adapter, LlamaWeights reference) {
    this(weights, mode, name -> adapter == null, adapter, reference);
  }

  private LlamaGraph(
      LlamaWeights weights,
      OpMode mode,
      Predicate<String> trainable,
      Lora adapter,
      LlamaWeights reference) {
    config = weights.config();
    ops = new Ops(sd, mode);
    weights
        .arrays()
        .forEach(
            (name, array) -> {
              boolean train = trainable.test(name);
              this.weights.put(name, train ? sd.var(name, array) : sd.constant(name, array));
              if (train) {
                trained.add(name);
              }
            });
    Linears linears = adapter == null ? null : adapt(adapter, weights.inPlace());
    SDVariable rows = sd.placeHolder(ROWS, DataType.INT32, -1);
    SDVariable targets = sd.placeHolder(TARGETS, DataType.INT32, -1);
    SDVariable ids = sd.placeHolder(IDS, DataType.INT32, -1);
    Inputs inputs = inputs();
    SDVariable hidden = hidden(config, this.weights, ids, inputs, linears);
    SDVariable head = this.weights.get(config.headName());
    logProbs = ops.targetLogProb(hidden, head, rows, targets).rename(LOGPROBS);
    referenceKl =
        reference == null ? null : referenceKl(reference, hidden, head, rows, ids, inputs);
  }

  /** The reference's half of the graph, all constants. */
  private SDVariable referenceKl(
      LlamaWeights reference,
      SDVariable hidden,
      SDVariable head,
      SDVariable rows,
      SDVariable ids,
      Inputs inputs) {
    LlamaConfig other = reference.config();
    boolean sameInputs =
        other.headDim() == config.headDim()
            && other.ropeTheta() == config.ropeTheta()
            && other.ropeScaling().equals(config.ropeScaling())
            && other.window() == config.window();
    if (other.vocabSize() != config.vocabSize() || !sameInputs) {
      throw new ModelException(
          "The reference model has another vocabulary, other rotary angles or another window of attention than the policy, "
              + "so that they cannot run side by side; take a reference of the same family.");
    }
    Map<String, SDVariable> frozen = new HashMap<>();
    reference
        .arrays()
        .forEach((name, array) -> frozen.put(name, sd.constant("reference." + name, array)));
    SDVariable otherHidden = hidden(other, frozen, ids, inputs, null);
    return ops.referenceKl(hidden, head, otherHidden, frozen.get(other.headName()), rows)
        .rename(REFERENCE_KL);
  }

  /** What attention needs beside its tokens. */
  private record Inputs(SDVariable cos, SDVariable sin, SDVariable structure) {}

  private Inputs inputs() {
    return new Inputs(
        sd.placeHolder(COS, DataType.FLOAT, -1, config.headDim() / 2),
        sd.placeHolder(SIN, DataType.FLOAT, -1, config.headDim() / 2),
        ops.mode() == OpMode.FUSED
            ? sd.placeHolder(STRUCTURE, DataType.INT32, -1, 4)
            : sd.placeHolder(STRUCTURE, DataType.FLOAT, -1, -1, -1));
  }

  /** Final hidden states [n, hidden] of whole sequences. */
  private SDVariable hidden(
      LlamaConfig config,
      Map<String, SDVariable> weights,
      SDVariable ids,
      Inputs in,
      Linears linears) {
    int heads = config.heads();
    int kvHeads = config.kvHeads();
    return decoder(
        ops,
        config,
        weights,
        ids,
        (layer, q, k, v) ->
            ops.attention(
                q,
                k,
                v,
                in.cos(),
                in.sin(),
                in.structure(),
                heads,
                kvHeads,
                config.headDim(),
                config.window()),
        linears);
  }

  /** Attention of one layer: q [n, heads * headDim], k and v [n, kvHeads * headDim], o like q. */
  interface Attention {
    SDVariable of(int layer, SDVariable q, SDVariable k, SDVariable v);
  }

  /** A linear layer that is more than its weight: an adapter whose inputs are dropped out. */
  interface Linears {
    SDVariable of(SDVariable x, String weight);
  }

  /**
   * Adapters become part of the weights, W' in the place of W, except where dropout lets them see
   * other inputs than W does, or where there is no room for W' beside W; then all linear layers go
   * through what is returned, else null.
   */
  private Linears adapt(Lora adapter, boolean inPlace) {
    Map<String, Lora.Layer> layers = adapter.layers(sd);
    trained.addAll(adapter.arrays().keySet());
    double dropout = adapter.settings().dropout();
    if (dropout == 0 && !inPlace) {
      layers.forEach((name, layer) -> weights.compute(name, (n, w) -> layer.adapted(w)));
      return null;
    }
    Lora.Layer head = layers.get("lm_head.weight");
    if (head != null) {
      throw new ModelException(
          "An adapter of lm_head cannot have dropout, nor can the head of a large model have one; set lora-dropout=0 or "
              + "leave lm_head out.");
    }
    SDVariable seed = dropout == 0 ? null : sd.placeHolder(DROPOUT_SEED, DataType.INT32, 1);
    List<String> places = List.copyOf(layers.keySet());
    return (x, name) -> {
      SDVariable y = ops.linear(x, weights.get(name))[0];
      Lora.Layer layer = layers.get(name);
      if (layer == null) {
        return y;
      }
      int place = places.indexOf(name);
      return layer.onto(y, seed == null ? x : ops.dropout(x, seed, dropout, place));
    };
  }

  /**
   * Final hidden states [n, hidden] of tokens [n]: the whole model but its head.
   *
   * @param linears in place of the linear layers, or null
   */
  static SDVariable decoder(
      Ops ops,
      LlamaConfig config,
      Map<String, SDVariable> weights,
      SDVariable ids,
      Attention attention,
      Linears linears) {
    double epsilon = config.normEpsilon();
    SDVariable x = ops.rows(weights.get("model.embed_tokens.weight"), ids); // [n, hidden]
    for (int layer = 0; layer < config.layers(); layer++) {
      String p = "model.layers." + layer + ".";
      if (linears != null) {
        x = block(ops, weights, x, layer, epsilon, attention, linears);
        continue;
      }
      SDVariable[] qkv = // [n, heads * headDim], twice [n, kvHeads * headDim]
          ops.normLinear(
              x,
              weights.get(p + "input_layernorm.weight"),
              epsilon,
              weights.get(p + "self_attn.q_proj.weight"),
              weights.get(p + "self_attn.k_proj.weight"),
              weights.get(p + "self_attn.v_proj.weight"));
      SDVariable o =
          attention.of(
              layer,
              biased(weights, qkv[0], p + "self_attn.q_proj"),
              biased(weights, qkv[1], p + "self_attn.k_proj"),
              biased(weights, qkv[2], p + "self_attn.v_proj"));
      x = ops.linearPlus(o, x, weights.get(p + "self_attn.o_proj.weight"));
      x =
          ops.swiGluBlock(
              x,
              weights.get(p + "post_attention_layernorm.weight"),
              epsilon,
              weights.get(p + "mlp.gate_proj.weight"),
              weights.get(p + "mlp.up_proj.weight"),
              weights.get(p + "mlp.down_proj.weight"));
    }
    return ops.rmsNorm(x, weights.get("model.norm.weight"), epsilon);
  }

  /** The output of a linear layer [n, width] and its bias [width], if it has one. */
  private static SDVariable biased(Map<String, SDVariable> weights, SDVariable y, String layer) {
    SDVariable bias = weights.get(layer + ".bias");
    return bias == null ? y : y.add(bias);
  }

  /** One block with linear layers of their own; the same formulas as in {@link #decoder}. */
  private static SDVariable block(
      Ops ops,
      Map<String, SDVariable> weights,
      SDVariable in,
      int layer,
      double epsilon,
      Attention attention,
      Linears linears) {
    String p = "model.layers." + layer + ".";
    SDVariable h = ops.rmsNorm(in, weights.get(p + "input_layernorm.weight"), epsilon);
    SDVariable o =
        attention.of(
            layer,
            biased(weights, linears.of(h, p + "self_attn.q_proj.weight"), p + "self_attn.q_proj"),
            biased(weights, linears.of(h, p + "self_attn.k_proj.weight"), p + "self_attn.k_proj"),
            biased(weights, linears.of(h, p + "self_attn.v_proj.weight"), p + "self_attn.v_proj"));
    SDVariable x = in.add(linears.of(o, p + "self_attn.o_proj.weight"));
    SDVariable g = ops.rmsNorm(x, weights.get(p + "post_attention_layernorm.weight"), epsilon);
    SDVariable gate = linears.of(g, p + "mlp.gate_proj.weight");
    SDVariable up = linears.of(g, p + "mlp.up_proj.weight");
    SDVariable act = gate.mul(ops.graph().nn().sigmoid(gate)).mul(up);
    return x.add(linears.of(act, p + "mlp.down_proj.weight"));
  }

  /** The graph, for an objective to build on. */
  public SameDiff graph() {
    return sd;
  }

  /** The operations of this graph's mode. */
  public Ops ops() {
    return ops;
  }

  /** Log-probabilities of the scored tokens [m]. */
  public SDVariable logProbs() {
    return logProbs;
  }

  /**
   * KL(reference || policy) of the distribution of each scored token [m], or null without a
   * reference.
   */
  public SDVariable referenceKl() {
    return referenceKl;
  }

  /** Names of the trained weights in Hugging Face's order. */
  public List<String> trained() {
    return List.copyOf(trained);
  }
}
