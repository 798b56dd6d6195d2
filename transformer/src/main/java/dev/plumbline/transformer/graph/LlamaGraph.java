package dev.plumbline.transformer.graph;

import dev.plumbline.tensor.graph.Engine;
import dev.plumbline.tensor.graph.Segment;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The decoder as a SameDiff graph from token ids to the log-probabilities of the scored tokens. The
 * whole model is {@link #decoder}, its layers are {@link DecoderLayer} (Touvron et al. 2023,
 * section 2.2).
 */
public final class LlamaGraph implements AutoCloseable {
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

  private static final String LAYER_INPUT = "layer_input"; // of a layer with its own graph

  private final LlamaConfig config;
  private final SameDiff sd = Engine.newGraph();
  private final Ops ops;
  private final List<String> trained;
  private final SDVariable logProbs;
  private final SDVariable referenceKl; // or null
  private final List<Segment> segments = new ArrayList<>();

  /**
   * Options of a graph for training.
   *
   * @param adapter is trained instead of the weights, or null
   * @param reference a frozen model of the same vocabulary, for {@link #referenceKl()}, or null
   * @param activationCheckpointing keeps only the input of each layer for the backward pass, which
   *     computes the layer again; see {@link Segment}
   */
  public record GraphOptions(
      Lora adapter, LlamaWeights reference, boolean activationCheckpointing) {
    /** All weights are trained and all activations kept. */
    public static final GraphOptions NONE = new GraphOptions(null, null, false);
  }

  /** A graph on live weights that trains all of them. */
  public LlamaGraph(LlamaWeights weights, OpMode mode) {
    this(weights, mode, GraphOptions.NONE);
  }

  /** A graph on live weights; those that {@code trainable} rejects are constants. */
  public LlamaGraph(LlamaWeights weights, OpMode mode, Predicate<String> trainable) {
    this(weights, mode, trainable, GraphOptions.NONE);
  }

  /** A graph with options. */
  public LlamaGraph(LlamaWeights weights, OpMode mode, GraphOptions options) {
    this(weights, mode, name -> options.adapter() == null, options);
  }

  private LlamaGraph(
      LlamaWeights live, OpMode mode, Predicate<String> trainable, GraphOptions options) {
    config = live.config();
    ops = new Ops(sd, mode);
    if (options.reference() != null) {
      checkReference(config, options.reference().config());
    }
    GraphWeights.Model model = new GraphWeights.Model(live, trainable, options.adapter(), "");
    Lora adapter = model.any();
    boolean dropout = options.adapter() != null && adapter.settings().dropout() > 0;
    if ((dropout || live.inPlace()) && adapter != null && adapter.adapts(config.headName())) {
      throw new ModelException(
          "An adapter of lm_head cannot have dropout, nor can the head of a large model have one; set lora-dropout=0 or "
              + "leave lm_head out.");
    }
    Inputs inputs = inputs(ops, dropout);
    GraphWeights all = GraphWeights.in(ops, model, inputs.seed(), name -> true);
    trained = all.trained();
    SDVariable rows = sd.placeHolder(ROWS, DataType.INT32, -1);
    SDVariable targets = sd.placeHolder(TARGETS, DataType.INT32, -1);
    SDVariable ids = sd.placeHolder(IDS, DataType.INT32, -1);
    DecoderLayer kept =
        new DecoderLayer(ops, config, all.weights(), attention(ops, config, inputs), all.linears());
    Segment.Room room = new Segment.Room();
    SDVariable hidden =
        decoder(
            ops,
            config,
            all.weights(),
            ids,
            options.activationCheckpointing()
                ? (layer, x) -> recomputed(layer, x, inputs, model, room)
                : kept::of);
    SDVariable head = all.weights().get(config.headName());
    logProbs = ops.targetLogProb(hidden, head, rows, targets).rename(LOGPROBS);
    LlamaWeights reference = options.reference();
    referenceKl =
        reference == null ? null : referenceKl(reference, hidden, head, rows, ids, inputs);
  }

  /** Output of a layer that the backward pass computes again. */
  private SDVariable recomputed(
      int layer, SDVariable x, Inputs given, GraphWeights.Model model, Segment.Room room) {
    Ops part = new Ops(Engine.newGraph(), ops.mode());
    Inputs inputs = inputs(part, given.seed() != null);
    String prefix = DecoderLayer.prefix(layer);
    GraphWeights own = GraphWeights.in(part, model, inputs.seed(), name -> name.startsWith(prefix));
    SDVariable in = part.graph().placeHolder(LAYER_INPUT, DataType.FLOAT, -1, config.hiddenSize());
    DecoderLayer formulas =
        new DecoderLayer(
            part, config, own.weights(), attention(part, config, inputs), own.linears());
    List<String> names = new ArrayList<>(List.of(LAYER_INPUT));
    inputs.all().forEach(input -> names.add(input.name()));
    Segment segment = new Segment(part.graph(), names, formulas.of(layer, in), own.trained(), room);
    segments.add(segment);
    List<SDVariable> values = new ArrayList<>(List.of(x));
    values.addAll(given.all());
    return segment.in(sd, values, own.trained().stream().map(sd::getVariable).toList());
  }

  /**
   * Checks that a reference can run in the same graph: with the same tokens and the same rotary
   * angles.
   */
  private static void checkReference(LlamaConfig config, LlamaConfig other) {
    boolean sameInputs =
        other.headDim() == config.headDim()
            && other.ropeTheta() == config.ropeTheta()
            && other.ropeScaling().equals(config.ropeScaling())
            && other.window() == config.window();
    if (other.vocabSize() != config.vocabSize() || !sameInputs) {
      throw new ModelException(
          "The reference model has another vocabulary, other rotary angles or another window of attention than the policy, "
              + "so they cannot run in one graph; use a reference of the same family.");
    }
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
    GraphWeights frozen =
        GraphWeights.in(
            ops,
            new GraphWeights.Model(reference, name -> false, null, "reference."),
            null,
            name -> true);
    DecoderLayer layers =
        new DecoderLayer(
            ops, other, frozen.weights(), attention(ops, other, inputs), frozen.linears());
    SDVariable otherHidden = decoder(ops, other, frozen.weights(), ids, layers::of);
    return ops.referenceKl(hidden, head, otherHidden, frozen.weights().get(other.headName()), rows)
        .rename(REFERENCE_KL);
  }

  /**
   * Inputs of the layers besides their tokens.
   *
   * @param seed of dropout, or null
   */
  private record Inputs(SDVariable cos, SDVariable sin, SDVariable structure, SDVariable seed) {
    List<SDVariable> all() {
      return seed == null ? List.of(cos, sin, structure) : List.of(cos, sin, structure, seed);
    }
  }

  private Inputs inputs(Ops ops, boolean dropout) {
    SameDiff graph = ops.graph();
    return new Inputs(
        graph.placeHolder(COS, DataType.FLOAT, -1, config.headDim() / 2),
        graph.placeHolder(SIN, DataType.FLOAT, -1, config.headDim() / 2),
        ops.mode() == OpMode.FUSED
            ? graph.placeHolder(STRUCTURE, DataType.INT32, -1, 4)
            : graph.placeHolder(STRUCTURE, DataType.FLOAT, -1, -1, -1),
        dropout ? graph.placeHolder(DROPOUT_SEED, DataType.INT32, 1) : null);
  }

  /** Attention within whole sequences. */
  private static DecoderLayer.Attention attention(Ops ops, LlamaConfig config, Inputs in) {
    return (layer, q, k, v) ->
        ops.attention(
            q,
            k,
            v,
            in.cos(),
            in.sin(),
            in.structure(),
            config.heads(),
            config.kvHeads(),
            config.headDim(),
            config.window());
  }

  /** The layers of a decoder. */
  public interface Layers {
    SDVariable of(int layer, SDVariable x);
  }

  /** Final hidden states [n, hidden] of tokens [n]: the whole model except its head. */
  public static SDVariable decoder(
      Ops ops, LlamaConfig config, Map<String, SDVariable> weights, SDVariable ids, Layers layers) {
    SDVariable x = ops.rows(weights.get("model.embed_tokens.weight"), ids); // [n, hidden]
    for (int layer = 0; layer < config.layers(); layer++) {
      x = layers.of(layer, x);
    }
    return ops.rmsNorm(x, weights.get("model.norm.weight"), config.normEpsilon());
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

  /** Frees the arrays of layers that are computed again. */
  @Override
  public void close() {
    segments.forEach(Segment::close);
  }
}
