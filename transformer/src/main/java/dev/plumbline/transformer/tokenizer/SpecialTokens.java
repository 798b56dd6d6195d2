package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens that begin and end a sequence. A model's files name them in up to four places, read in
 * this order: {@code tokenizer_config.json}, the post-processor of {@code tokenizer.json}, {@code
 * generation_config.json}, {@code config.json}. If a place is absent, null or empty, the next one
 * counts.
 *
 * @param bos id of the token that begins a sequence, -1 for none
 * @param bosSource the file that names it, or empty
 * @param addBos whether a prompt begins with it
 * @param addBosSource the file that says so, or empty
 * @param sources ids that end a response, each with the file that names it, in order: the first
 *     ends responses in training, and each of them ends a generated response
 */
public record SpecialTokens(
    int bos, String bosSource, boolean addBos, String addBosSource, Map<Integer, String> sources) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String POST_PROCESSOR = "tokenizer.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String CONFIG = "config.json";

  /** The token that ends a response in training, -1 for none. */
  public int eos() {
    return sources.isEmpty() ? -1 : sources.keySet().iterator().next();
  }

  /** All tokens that end a generated response. */
  public List<Integer> ends() {
    return List.copyOf(sources.keySet());
  }

  /**
   * Reads a model's files.
   *
   * @param config the model's own configuration, the last source
   * @param tokenizer its {@code tokenizer.json}
   * @param special texts of the special tokens by id
   */
  static SpecialTokens read(
      Path directory,
      LlamaConfig config,
      JsonNode tokenizerConfig,
      ObjectNode tokenizer,
      Map<Integer, String> special)
      throws IOException {
    Asked asked = new Asked(directory, tokenizerConfig, tokenizer, special, config.vocabSize());
    JsonNode generation = asked.generation();
    Map<Integer, String> bos = new LinkedHashMap<>();
    asked.named("bos_token", bos);
    asked.template(0, bos);
    asked.ids(generation, "bos_token_id", bos);
    if (config.bosTokenId() >= 0) {
      bos.putIfAbsent(config.bosTokenId(), CONFIG);
    }
    Map<Integer, String> ends = new LinkedHashMap<>();
    asked.named("eos_token", ends);
    asked.template(1, ends);
    if (!asked.ids(generation, "eos_token_id", ends)) {
      config.eosTokenIds().forEach(id -> ends.putIfAbsent(id, CONFIG));
    }
    int first = bos.isEmpty() ? -1 : bos.keySet().iterator().next();
    Map.Entry<Boolean, String> add = asked.addsBos(first);
    return new SpecialTokens(
        first, bos.getOrDefault(first, ""), first >= 0 && add.getKey(), add.getValue(), ends);
  }

  /** Describes the tokens and their sources, for {@code inspect} and {@code doctor}. */
  public List<String> describe(Tokenizer tokenizer) {
    List<String> lines = new ArrayList<>();
    if (bos < 0) {
      lines.add(
          "BOS: no file names one (tokenizer_config.json, tokenizer.json's post-processor,"
              + " generation_config.json, config.json); prompts begin without it");
    } else {
      lines.add(
          "BOS: "
              + bos
              + " '"
              + tokenizer.token(bos)
              + "' ("
              + bosSource
              + "); prompts begin "
              + (addBos ? "with it" : "without it")
              + (addBosSource.isEmpty() ? ": no file asks for it" : " (" + addBosSource + ")"));
    }
    if (sources.isEmpty()) {
      lines.add(
          "end of a response: no file names one (tokenizer_config.json, tokenizer.json's"
              + " post-processor, generation_config.json, config.json); text responses are refused");
    }
    sources.forEach(
        (id, source) ->
            lines.add(
                "end of a response: "
                    + id
                    + " '"
                    + tokenizer.token(id)
                    + "' ("
                    + source
                    + (id == eos() ? "; appended to responses in training)" : ")")));
    return lines;
  }

  /** The files, read one after the other. */
  private record Asked(
      Path directory,
      JsonNode tokenizerConfig,
      ObjectNode tokenizer,
      Map<Integer, String> special,
      int vocabSize) {
    JsonNode generation() throws IOException {
      Path file = directory.resolve(GENERATION_CONFIG);
      if (!Files.isRegularFile(file)) {
        return MAPPER.createObjectNode();
      }
      try {
        JsonNode json = MAPPER.readTree(file.toFile());
        if (!json.isObject()) {
          throw new ModelException("The file " + file + " does not hold a JSON object.");
        }
        return json;
      } catch (JsonProcessingException e) {
        throw new ModelException(
            "The file " + file + " is not JSON: " + ConfigReader.reason(e) + ".");
      }
    }

    /** A token that {@code tokenizer_config.json} names by its text. */
    void named(String key, Map<Integer, String> found) {
      JsonNode token = tokenizerConfig.path(key);
      JsonNode content = token.isObject() ? token.path("content") : token;
      if (content.isMissingNode() || content.isNull()) {
        return;
      }
      if (!content.isTextual()) {
        throw new ModelException(
            directory.resolve(TOKENIZER_CONFIG)
                + ": "
                + key
                + " must be the text of a token, but is "
                + token
                + ".");
      }
      String text = content.asText();
      if (text.isEmpty()) {
        return;
      }
      int id = id(text);
      inRange(id, key, TOKENIZER_CONFIG);
      if (id < 0) {
        throw new ModelException(
            "The file "
                + directory.resolve(TOKENIZER_CONFIG)
                + " names the "
                + key
                + " '"
                + text
                + "', which the tokenizer does not have.");
      }
      found.putIfAbsent(id, TOKENIZER_CONFIG);
    }

    private int id(String text) {
      for (Map.Entry<Integer, String> e : special.entrySet()) {
        if (e.getValue().equals(text)) {
          return e.getKey();
        }
      }
      for (JsonNode token : tokenizer.path("added_tokens")) {
        if (token.path("content").asText().equals(text)) {
          return token.path("id").asInt(-1);
        }
      }
      return tokenizer.path("model").path("vocab").path(text).asInt(-1);
    }

    /** A token that the template puts at one end of a sequence: 0 before it, 1 after it. */
    void template(int side, Map<Integer, String> found) {
      JsonNode processor = templateProcessor();
      JsonNode parts = processor.path("single");
      JsonNode part = parts.path(side == 0 ? 0 : parts.size() - 1).path("SpecialToken");
      JsonNode ids = processor.path("special_tokens").path(part.path("id").asText()).path("ids");
      if (part.isObject() && ids.size() == 1) {
        int id = ids.get(0).asInt(-1);
        inRange(id, "the post_processor's " + part.path("id").asText(), POST_PROCESSOR);
        found.putIfAbsent(id, POST_PROCESSOR);
      }
    }

    private void inRange(int id, String what, String file) {
      if (id >= vocabSize) {
        throw new ModelException(
            directory.resolve(file)
                + ": "
                + what
                + " has the id "
                + id
                + ", and the model's vocabulary ends at "
                + (vocabSize - 1)
                + ".");
      }
    }

    private JsonNode templateProcessor() {
      JsonNode processor = tokenizer.path("post_processor");
      if (processor.path("processors").isArray()) {
        for (JsonNode one : processor.path("processors")) {
          if (one.path("type").asText().equals("TemplateProcessing")) {
            return one;
          }
        }
      }
      return processor.path("type").asText().equals("TemplateProcessing")
          ? processor
          : JsonNodeFactory.instance.objectNode();
    }

    /** Adds an id or a list of ids; returns whether there is any. */
    boolean ids(JsonNode generation, String key, Map<Integer, String> found) {
      String origin = directory.resolve(GENERATION_CONFIG).toString();
      List<Integer> ids = new ConfigReader(generation, origin).tokenIds(key, vocabSize);
      ids.forEach(id -> found.putIfAbsent(id, GENERATION_CONFIG));
      return !ids.isEmpty();
    }

    /**
     * {@code add_bos_token} of {@code tokenizer_config.json}; without that key, the behaviour of
     * the post-processor. The first files of Llama 3 have neither; there a prompt begins with their
     * {@code bos_token}, as in Meta's own code.
     */
    Map.Entry<Boolean, String> addsBos(int bos) {
      String origin = directory.resolve(TOKENIZER_CONFIG).toString();
      boolean asked = new ConfigReader(tokenizerConfig, origin).flag("add_bos_token", false);
      if (tokenizerConfig.hasNonNull("add_bos_token")) {
        return Map.entry(asked, TOKENIZER_CONFIG);
      }
      Map<Integer, String> first = new LinkedHashMap<>();
      template(0, first);
      boolean template = !templateProcessor().isEmpty();
      String kind = tokenizerConfig.path("tokenizer_class").asText();
      boolean llama = kind.startsWith("LlamaTokenizer"); // adds it by default
      boolean fast = kind.equals("PreTrainedTokenizerFast");
      if (!template && bos >= 0 && (llama || fast && tokenizerConfig.hasNonNull("bos_token"))) {
        return Map.entry(true, TOKENIZER_CONFIG);
      }
      return Map.entry(first.containsKey(bos), template ? POST_PROCESSOR : "");
    }
  }
}
