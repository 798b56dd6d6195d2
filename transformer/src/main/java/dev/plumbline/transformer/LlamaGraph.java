package dev.plumbline.transformer;

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

  /** Output: log-probability of each predicted token [m]. */
  public static final String LOGPROBS = "logprobs";

  /** Output, with a reference: KL(reference || policy) of the distribution of each token [m]. */
  public static final String REFERENCE_KL = "reference_kl";

  private final LlamaConfig config;
  private final SameDiff sd = SameDiff.create();
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
    this(weights, mode, trainable, null);
  }

  /**
   * The same beside a frozen reference model of the same vocabulary, for {@link #referenceKl()};
   * null for none.
   */
  public LlamaGraph(
      LlamaWeights weights, OpMode mode, Predicate<String> trainable, LlamaWeights reference) {
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
    SDVariable rows = sd.placeHolder(ROWS, DataType.INT32, -1);
    SDVariable targets = sd.placeHolder(TARGETS, DataType.INT32, -1);
    SDVariable ids = sd.placeHolder(IDS, DataType.INT32, -1);
    Inputs inputs = inputs();
    SDVariable hidden = hidden(config, this.weights, ids, inputs);
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
    boolean sameAngles =
        other.headDim() == config.headDim() && other.ropeTheta() == config.ropeTheta();
    if (other.vocabSize() != config.vocabSize() || !sameAngles) {
      throw new ModelException(
          "The reference model has another vocabulary or other rotary angles than the policy, so that they cannot run side "
              + "by side; take a reference of the same family.");
    }
    Map<String, SDVariable> frozen = new HashMap<>();
    reference
        .arrays()
        .forEach((name, array) -> frozen.put(name, sd.constant("reference." + name, array)));
    SDVariable otherHidden = hidden(other, frozen, ids, inputs);
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
      LlamaConfig config, Map<String, SDVariable> weights, SDVariable ids, Inputs in) {
    int heads = config.heads();
    int kvHeads = config.kvHeads();
    return decoder(
        ops,
        config,
        weights,
        ids,
        (layer, q, k, v) ->
            ops.attention(
                q, k, v, in.cos(), in.sin(), in.structure(), heads, kvHeads, config.headDim()));
  }

  /** Attention of one layer: q [n, heads * headDim], k and v [n, kvHeads * headDim], o like q. */
  interface Attention {
    SDVariable of(int layer, SDVariable q, SDVariable k, SDVariable v);
  }

  /** Final hidden states [n, hidden] of tokens [n]: the whole model but its head. */
  static SDVariable decoder(
      Ops ops,
      LlamaConfig config,
      Map<String, SDVariable> weights,
      SDVariable ids,
      Attention attention) {
    double epsilon = config.normEpsilon();
    SDVariable x = ops.rows(weights.get("model.embed_tokens.weight"), ids); // [n, hidden]
    for (int layer = 0; layer < config.layers(); layer++) {
      String p = "model.layers." + layer + ".";
      SDVariable[] qkv = // [n, heads * headDim], twice [n, kvHeads * headDim]
          ops.normLinear(
              x,
              weights.get(p + "input_layernorm.weight"),
              epsilon,
              weights.get(p + "self_attn.q_proj.weight"),
              weights.get(p + "self_attn.k_proj.weight"),
              weights.get(p + "self_attn.v_proj.weight"));
      SDVariable o = attention.of(layer, qkv[0], qkv[1], qkv[2]);
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
