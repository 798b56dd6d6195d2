package dev.plumbline.transformer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * @param eosTokenIds tokens that end a response; of a loaded model those of all its files ({@code
 *     SpecialTokens})
 * @param json the file itself, written back unchanged with a checkpoint
 */
public record LlamaConfig(
    ModelFamily family,
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
  private static final int MAX_LAYERS = 10_000; // a hostile number would fill the memory with names
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";
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
  public static LlamaConfig readFile(Path file) {
    try {
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode json) {
        return parse(json, file.toString());
      }
    } catch (JsonProcessingException e) {
      throw new ModelException("The file " + file + " is not JSON: " + ConfigReader.reason(e));
    } catch (IOException e) {
      throw new ModelException("The file " + file + " cannot be read: " + e.getMessage());
    }
    throw new ModelException("The file " + file + " does not hold a JSON object.");
  }

  /**
   * Reads a configuration; {@code origin} names it in errors. Whatever changes what is computed is
   * checked; what changes nothing here, such as {@code pretraining_tp} (slices of a product), is
   * not read.
   */
  public static LlamaConfig parse(ObjectNode json, String origin) {
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
    List<Integer> bos = reader.tokenIds(BOS, vocabSize);
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
        reader.number("rms_norm_eps", 1e-6, x -> x > 0 && x < 1, "a number above 0 and below 1"),
        rope.theta(),
        rope.scaling(),
        window(reader, family, layers, maxPositions),
        family.biased(),
        reader.flag("tie_word_embeddings", false),
        bos.isEmpty() ? -1 : bos.get(0),
        reader.tokenIds(EOS, vocabSize),
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

  /** Refuses what another model computes, by the keys that published configurations have for it. */
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

  /** A matrix has no more than 2^31 - 1 values. */
  private static void checkSizes(ConfigReader reader, int hidden, long width) {
    long most = Integer.MAX_VALUE;
    for (String key : List.of("vocab_size", "intermediate_size")) {
      long values = (long) reader.positive(key, 0) * hidden;
      if (values > most) {
        throw reader.error(
            key + " x hidden_size are " + values + " values, and a matrix can have " + most);
      }
    }
    if (width > most / hidden) {
      throw reader.error(
          "num_attention_heads x head_dim x hidden_size exceed the "
              + most
              + " values of a matrix");
    }
  }

  /**
   * Tokens that a token attends to; 0 = all before it. Mistral's window holds in all layers;
   * Qwen2's must be switched on, and holds from layer {@code max_window_layers} on; Llama and
   * InternLM2 have none. A window of the whole context is none.
   */
  private static int window(ConfigReader reader, ModelFamily family, int layers, int maxPositions) {
    boolean used = reader.flag("use_sliding_window", family != ModelFamily.QWEN2);
    int size =
        used
            ? reader.positive("sliding_window", Integer.MAX_VALUE)
            : reader.count("sliding_window", 0);
    int first = reader.count("max_window_layers", 28); // the family's own default
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
      size = 4096; // the family's own default
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

  /** The same with the tokens that all files of its model name. */
  public LlamaConfig withSpecialTokens(int bos, List<Integer> ends) {
    return new LlamaConfig(
        family,
        vocabSize,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        kvHeads,
        headDim,
        maxPositions,
        normEpsilon,
        ropeTheta,
        ropeScaling,
        window,
        qkvBias,
        tiedEmbeddings,
        bos,
        ends,
        json);
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

  /**
   * Refuses ids for which the embedding has no row.
   *
   * @throws ModelException that names the first of them
   */
  public void checkIds(int... ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabSize) {
        throw new ModelException(
            "The token id "
                + id
                + " lies outside the model's vocabulary of "
                + vocabSize
                + "; its tokenizer, or that of the model beside it, has more tokens than it has rows.");
      }
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
}
