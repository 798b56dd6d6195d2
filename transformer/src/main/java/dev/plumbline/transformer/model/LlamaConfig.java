package dev.plumbline.transformer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.common.util.ArrayUtil;

/**
 * Shape of a decoder, as in Hugging Face's {@code config.json}.
 *
 * @param family how its files name the weights
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width inside SwiGLU
 * @param layers number of decoder layers
 * @param heads query heads
 * @param kvHeads key and value heads; a divisor of {@code heads}
 * @param headDim width of a head, an even number
 * @param maxPositions longest sequence that the model was made for; with dynamic rope scaling,
 *     multiplied by its factor
 * @param normEpsilon epsilon of the RMS norms
 * @param ropeTheta base of the rotary angles
 * @param ropeScaling scaling of the rotary angles
 * @param window maximum number of tokens that a token attends to, including itself; 0 = all before
 *     it
 * @param qkvBias whether q, k and v have biases
 * @param tiedEmbeddings whether the output head is the embedding
 * @param bosTokenId first token of a sequence, -1 for none
 * @param eosTokenIds tokens that end a response; for a loaded model, those of all its files ({@code
 *     SpecialTokens})
 * @param json the file itself, which is written unchanged with a checkpoint
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
  static final String BOS = "bos_token_id";
  static final String EOS = "eos_token_id";
  private static final int NEW_BOS = 1;
  private static final int NEW_EOS = 2;

  /**
   * Reads {@code config.json} of a model directory; refuses features that Plumbline does not
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
   * Reads a configuration; refuses features that Plumbline does not compute.
   *
   * @param origin names the configuration in errors
   */
  public static LlamaConfig parse(ObjectNode json, String origin) {
    return LlamaConfigReader.parse(json, origin);
  }

  /** The same with the tokens that the files of its model name. */
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
   * Refuses ids outside the embedding.
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

  /** Number of parameters; a tied head counts once. */
  public long parameterCount() {
    return weightShapes().values().stream().mapToLong(ArrayUtil::prodLong).sum();
  }
}
