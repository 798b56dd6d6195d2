package dev.plumbline.transformer.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;

/**
 * Makes a {@link LlamaConfig} of a {@code config.json}. It checks every key that changes what is
 * computed, and refuses what Plumbline does not compute. It ignores keys that change nothing here,
 * such as {@code pretraining_tp} (slices of a product).
 */
final class LlamaConfigReader {
  private static final int MAX_LAYERS = 10_000; // a hostile number would fill the memory with names
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  private LlamaConfigReader() {}

  /**
   * Reads a configuration.
   *
   * @param origin names it in errors
   */
  static LlamaConfig parse(ObjectNode json, String origin) {
    ConfigReader reader = new ConfigReader(json, origin);
    ModelFamily family = family(reader);
    refuseOtherMathematics(reader, family);
    int hidden = reader.positive("hidden_size", 0);
    int heads = reader.positive("num_attention_heads", 0);
    int headDim = reader.positive("head_dim", hidden / heads);
    int kvHeads = reader.positive("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      throw reader.error(
          "num_attention_heads " + heads + " is no multiple of num_key_value_heads " + kvHeads);
    }
    if (headDim % 2 != 0) {
      throw reader.error("head_dim " + headDim + " is odd, so rotary halves do not exist");
    }
    int vocabSize = reader.positive("vocab_size", 0);
    int intermediate = reader.positive("intermediate_size", 0);
    checkSizes(reader, hidden, (long) heads * headDim);
    int layers = reader.positive("num_hidden_layers", 0);
    if (layers > MAX_LAYERS) {
      throw reader.error(
          "num_hidden_layers is " + layers + ", and " + MAX_LAYERS + " are the maximum");
    }
    int maxPositions = reader.positive("max_position_embeddings", 2048);
    RopeScaling.Settings rope = RopeScaling.read(reader, maxPositions);
    List<Integer> bos = reader.tokenIds(LlamaConfig.BOS, vocabSize);
    return new LlamaConfig(
        family,
        vocabSize,
        hidden,
        intermediate,
        layers,
        heads,
        kvHeads,
        headDim,
        rope.scaling() instanceof RopeScaling.Dynamic d
            ? (int) Math.min(Integer.MAX_VALUE, d.factor() * maxPositions)
            : maxPositions,
        reader.number("rms_norm_eps", 1e-6, x -> x > 0 && x < 1, "a number > 0 and < 1"),
        rope.theta(),
        rope.scaling(),
        window(reader, family, layers, maxPositions),
        family.biased(),
        reader.flag("tie_word_embeddings", false),
        bos.isEmpty() ? -1 : bos.get(0),
        reader.tokenIds(LlamaConfig.EOS, vocabSize),
        json.deepCopy());
  }

  private static ModelFamily family(ConfigReader reader) {
    String type = reader.text("model_type", ModelFamily.LLAMA.type());
    return Arrays.stream(ModelFamily.values())
        .filter(f -> f.type().equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                reader.error(
                    "model_type is '"
                        + type
                        + "', and only "
                        + String.join(
                            ", ",
                            Arrays.stream(ModelFamily.values()).map(ModelFamily::type).toList())
                        + " are supported"));
  }

  /** Refuses the features of other models, by their keys in published configurations. */
  private static void refuseOtherMathematics(ConfigReader reader, ModelFamily family) {
    String activation = reader.text("hidden_act", "silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw reader.error(
          "hidden_act is '" + activation + "', and only 'silu' ('swish') is supported");
    }
    reader.refuse("quantization_config", reader.json().hasNonNull("quantization_config"));
    for (String feature :
        List.of(
            "attention_bias",
            "mlp_bias",
            "rope_interleaved",
            "qk_norm",
            "use_qk_norm",
            "parallel_attn",
            "use_parallel_residual",
            "use_mrope")) {
      reader.refuse(feature, reader.flag(feature, false));
    }
    // InternLM2's own default is true.
    reader.refuse("bias", reader.flag("bias", family == ModelFamily.INTERNLM2));
    for (String scale :
        List.of(
            "embedding_multiplier",
            "residual_multiplier",
            "logits_scaling",
            "logit_scale",
            "partial_rotary_factor")) {
      reader.refuse(scale, reader.positiveNumber(scale, 1) != 1);
    }
    for (String feature :
        List.of(
            "attention_multiplier",
            "attn_logit_softcapping",
            "final_logit_softcapping",
            "logits_soft_cap",
            "clip_qkv",
            "num_local_experts",
            "num_experts",
            "attention_chunk_size",
            "no_rope_layers",
            "no_rope_layer_interval")) {
      reader.refuse(feature, reader.json().hasNonNull(feature));
    }
  }

  /** Refuses matrices of more than 2^31 - 1 values. */
  private static void checkSizes(ConfigReader reader, int hidden, long width) {
    long max = Integer.MAX_VALUE;
    for (String key : List.of("vocab_size", "intermediate_size")) {
      long values = (long) reader.positive(key, 0) * hidden;
      if (values > max) {
        throw reader.error(
            key + " x hidden_size are " + values + " values, and a matrix can have " + max);
      }
    }
    if (width > max / hidden) {
      throw reader.error(
          "num_attention_heads x head_dim x hidden_size exceed the " + max + " values of a matrix");
    }
  }

  /**
   * Number of tokens that a token attends to; 0 = all before it. Mistral's window applies to all
   * layers. Qwen2's must be switched on, and applies from layer {@code max_window_layers} on. Llama
   * and InternLM2 have none. A window of the whole context counts as none.
   */
  private static int window(ConfigReader reader, ModelFamily family, int layers, int maxPositions) {
    boolean used = reader.flag("use_sliding_window", family != ModelFamily.QWEN2);
    int size =
        used
            ? reader.positive("sliding_window", Integer.MAX_VALUE)
            : reader.count("sliding_window", 0);
    int first = reader.count("max_window_layers", 28); // the family's default
    List<String> types = reader.texts("layer_types");
    if (!types.isEmpty() && types.size() != layers) {
      throw reader.error("layer_types has " + types.size() + " entries for " + layers + " layers");
    }
    for (String type : types) {
      if (!type.equals(FULL) && !type.equals(SLIDING)) {
        throw reader.error(
            "layer_types names '"
                + type
                + "', and only "
                + FULL
                + " and "
                + SLIDING
                + " are supported");
      }
    }
    if (family == ModelFamily.MISTRAL && !reader.json().has("sliding_window")) {
      size = 4096; // the family's default
    }
    long sliding =
        types.isEmpty()
            ? family == ModelFamily.QWEN2 ? Math.max(0, layers - first) : layers
            : types.stream().filter(SLIDING::equals).count();
    if (!used || size >= maxPositions || sliding == 0) {
      return 0;
    }
    reader.refuse("sliding_window", family == ModelFamily.LLAMA || family == ModelFamily.INTERNLM2);
    if (sliding != layers) {
      throw reader.error(
          "the window of "
              + size
              + " tokens holds in "
              + sliding
              + " of "
              + layers
              + " layers (max_window_layers, layer_types), and only a window of all layers or none"
              + " is supported");
    }
    return size;
  }
}
