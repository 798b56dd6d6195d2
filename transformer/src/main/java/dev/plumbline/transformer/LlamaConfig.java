package dev.plumbline.transformer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.common.util.ArrayUtil;

/**
 * Shape of a decoder as Hugging Face's {@code config.json} states it.
 *
 * @param family how its files name the weights
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside SwiGLU
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads; a divisor of {@code heads}
 * @param headDim width of a head, an even number
 * @param maxPositions longest sequence the model was made for; under dynamic rope scaling times its
 *     factor
 * @param normEpsilon epsilon of the RMS norms
 * @param ropeTheta base of the rotary angles
 * @param ropeScaling how the angles are stretched
 * @param window most tokens that a token attends to, itself included; 0 = all before it
 * @param qkvBias whether q, k and v have biases
 * @param tiedEmbeddings whether the output head is the embedding
 * @param bosTokenId first token of a sequence, -1 for none
 * @param eosTokenIds tokens that end a response
 * @param json the file itself, written back unchanged with a checkpoint
 */
public record LlamaConfig(
    Family family,
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int maxPositions,
    double normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    int window,
    boolean qkvBias,
    boolean tiedEmbeddings,
    int bosTokenId,
    List<Integer> eosTokenIds,
    ObjectNode json) {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MOST_LAYERS =
      10_000; // a hostile number would fill the memory with names
  private static final String BOS = "bos_token_id";
  private static final String EOS = "eos_token_id";
  private static final int NEW_BOS = 1;
  private static final int NEW_EOS = 2;

  /**
   * Reads {@code config.json} of a model directory; refuses by name whatever Plumbline does not
   * compute.
   */
  public static LlamaConfig read(Path directory) {
    Path file = directory.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new ModelException(
          "The model directory "
              + directory
              + " has no config.json; give a directory in Hugging Face layout.");
    }
    return readFile(file);
  }

  /** Reads a {@code config.json} that may have another name. */
  static LlamaConfig readFile(Path file) {
    try {
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode json) {
        return parse(json, file.toString());
      }
    } catch (JsonProcessingException e) {
      throw new ModelException("The file " + file + " is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new ModelException("The file " + file + " cannot be read: " + e.getMessage());
    }
    throw new ModelException("The file " + file + " does not hold a JSON object.");
  }

  /** Reads a configuration; {@code origin} names it in errors. */
  public static LlamaConfig parse(ObjectNode json, String origin) {
    Reader reader = new Reader(json, origin);
    Family family = reader.family();
    reader.require("hidden_act", "silu");
    reader.refuse("quantization_config", json.hasNonNull("quantization_config"));
    for (String feature : List.of("attention_bias", "mlp_bias")) {
      reader.refuse(feature, json.path(feature).asBoolean(false));
    }
    reader.refuse("rope_interleaved", json.path("rope_interleaved").asBoolean(false));
    // InternLM2's own default is true.
    reader.refuse("bias", json.path("bias").asBoolean(family == Family.INTERNLM2));
    reader.refuse("pretraining_tp", json.path("pretraining_tp").asInt(1) != 1);
    reader.refuse("partial_rotary_factor", json.path("partial_rotary_factor").asDouble(1) != 1);
    int hidden = reader.positive("hidden_size", -1);
    int heads = reader.positive("num_attention_heads", -1);
    int headDim = reader.positive("head_dim", hidden / heads);
    int kvHeads = reader.positive("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      throw reader.error(
          "num_attention_heads " + heads + " is no multiple of num_key_value_heads " + kvHeads);
    }
    if (headDim % 2 != 0) {
      throw reader.error("head_dim " + headDim + " is odd, so rotary halves do not exist");
    }
    long most = Integer.MAX_VALUE; // values of a tensor
    for (String key : List.of("vocab_size", "intermediate_size")) {
      long values = (long) reader.positive(key, -1) * hidden;
      if (values > most) {
        throw reader.error(
            key + " x hidden_size are " + values + " values, and a matrix can have " + most);
      }
    }
    if ((long) heads * headDim > most / hidden) {
      throw reader.error(
          "num_attention_heads x head_dim x hidden_size exceed the "
              + most
              + " values of a matrix");
    }
    int layers = reader.positive("num_hidden_layers", -1);
    if (layers > MOST_LAYERS) {
      throw reader.error(
          "num_hidden_layers is " + layers + ", and " + MOST_LAYERS + " are the most");
    }
    int maxPositions = reader.positive("max_position_embeddings", 2048);
    JsonNode rope =
        json.path(json.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling");
    RopeScaling scaling = RopeScaling.parse(rope, maxPositions, origin);
    return new LlamaConfig(
        family,
        reader.positive("vocab_size", -1),
        hidden,
        reader.positive("intermediate_size", -1),
        layers,
        heads,
        kvHeads,
        headDim,
        scaling instanceof RopeScaling.Dynamic d ? (int) (d.factor() * maxPositions) : maxPositions,
        json.path("rms_norm_eps").asDouble(1e-6),
        rope.path("rope_theta").asDouble(json.path("rope_theta").asDouble(10_000)),
        scaling,
        reader.window(family),
        family.biased(),
        json.path("tie_word_embeddings").asBoolean(false),
        json.path(BOS).asInt(-1),
        tokenIds(json.path(EOS)),
        json.deepCopy());
  }

  /** The same with other first and last tokens of a sequence. */
  public LlamaConfig withEnds(int first, int last) {
    ObjectNode own = json.deepCopy();
    own.put(BOS, first);
    own.put(EOS, last);
    return parse(own, "a new configuration");
  }

  /** The configuration of a new small model, in the same form as one read from a file. */
  public static LlamaConfig small(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int layers,
      int heads,
      int kvHeads,
      int maxPositions) {
    ObjectNode json = MAPPER.createObjectNode();
    json.putArray("architectures").add("LlamaForCausalLM");
    json.put("model_type", "llama");
    json.put("vocab_size", vocabSize);
    json.put("hidden_size", hiddenSize);
    json.put("intermediate_size", intermediateSize);
    json.put("num_hidden_layers", layers);
    json.put("num_attention_heads", heads);
    json.put("num_key_value_heads", kvHeads);
    json.put("head_dim", hiddenSize / heads);
    json.put("hidden_act", "silu");
    json.put("max_position_embeddings", maxPositions);
    json.put("rms_norm_eps", 1e-5);
    json.put("rope_theta", 10_000.0);
    json.putNull("rope_scaling");
    json.put("attention_bias", false);
    json.put("mlp_bias", false);
    json.put("tie_word_embeddings", true);
    json.put(BOS, NEW_BOS);
    json.put(EOS, NEW_EOS);
    json.put("initializer_range", 0.02);
    json.put("torch_dtype", "float32");
    return parse(json, "a new configuration");
  }

  /**
   * Every weight by its Hugging Face name, in the order of {@code LlamaForCausalLM.state_dict()},
   * with its shape.
   */
  public Map<String, long[]> weightShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", new long[] {vocabSize, hiddenSize});
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      shapes.put(prefix + "input_layernorm.weight", new long[] {hiddenSize});
      attentionInput(shapes, prefix + "self_attn.q_proj", heads);
      attentionInput(shapes, prefix + "self_attn.k_proj", kvHeads);
      attentionInput(shapes, prefix + "self_attn.v_proj", kvHeads);
      shapes.put(
          prefix + "self_attn.o_proj.weight", new long[] {hiddenSize, (long) heads * headDim});
      shapes.put(prefix + "post_attention_layernorm.weight", new long[] {hiddenSize});
      shapes.put(prefix + "mlp.gate_proj.weight", new long[] {intermediateSize, hiddenSize});
      shapes.put(prefix + "mlp.up_proj.weight", new long[] {intermediateSize, hiddenSize});
      shapes.put(prefix + "mlp.down_proj.weight", new long[] {hiddenSize, intermediateSize});
    }
    shapes.put("model.norm.weight", new long[] {hiddenSize});
    if (!tiedEmbeddings) {
      shapes.put("lm_head.weight", new long[] {vocabSize, hiddenSize});
    }
    return shapes;
  }

  private void attentionInput(Map<String, long[]> shapes, String layer, int heads) {
    long width = (long) heads * headDim;
    shapes.put(layer + ".weight", new long[] {width, hiddenSize});
    if (qkvBias) {
      shapes.put(layer + ".bias", new long[] {width});
    }
  }

  /** Name of the output head's weight: the embedding's when tied. */
  public String headName() {
    return tiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";
  }

  /** Number of parameters, a tied head counted once. */
  public long parameterCount() {
    return weightShapes().values().stream().mapToLong(ArrayUtil::prodLong).sum();
  }

  private static List<Integer> tokenIds(JsonNode node) {
    List<Integer> ids = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(id -> ids.add(id.asInt()));
    } else if (node.isInt()) {
      ids.add(node.asInt());
    }
    return List.copyOf(ids);
  }

  /** Reads fields with errors that name the file. */
  private record Reader(ObjectNode json, String origin) {
    ModelException error(String what) {
      return new ModelException(origin + ": " + what + ".");
    }

    void require(String key, String value) {
      String actual = json.path(key).asText(value);
      if (!actual.equals(value)) {
        throw error(key + " is '" + actual + "', and only '" + value + "' is supported");
      }
    }

    void refuse(String key, boolean present) {
      if (present) {
        throw error(
            "the config asks for " + key + " = " + json.get(key) + ", which is not supported");
      }
    }

    Family family() {
      String type = json.path("model_type").asText(Family.LLAMA.type());
      return Arrays.stream(Family.values())
          .filter(f -> f.type().equals(type))
          .findFirst()
          .orElseThrow(
              () ->
                  error(
                      "model_type is '"
                          + type
                          + "', and only "
                          + String.join(
                              ", ", Arrays.stream(Family.values()).map(Family::type).toList())
                          + " are supported"));
    }

    /** Mistral's window holds in all layers; Qwen2's must be switched on, and then in some. */
    int window(Family family) {
      if (family == Family.MISTRAL && !json.has("sliding_window")) {
        return 4096; // the family's own default
      }
      boolean on =
          json.hasNonNull("sliding_window")
              && (family != Family.QWEN2 || json.path("use_sliding_window").asBoolean(false));
      if (!on) {
        return 0;
      }
      refuse("sliding_window", family == Family.LLAMA || family == Family.INTERNLM2);
      refuse(
          "max_window_layers",
          family == Family.QWEN2 && json.path("max_window_layers").asInt(0) > 0);
      return positive("sliding_window", -1);
    }

    int positive(String key, int fallback) {
      if (!json.hasNonNull(key)) {
        if (fallback > 0) {
          return fallback;
        }
        throw error("the key " + key + " is missing");
      }
      JsonNode value = json.get(key);
      if (!value.isInt() || value.asInt() <= 0) {
        throw error(key + " is " + value + ", and a positive whole number is needed");
      }
      return value.asInt();
    }
  }
}
