package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokenizer files of a model directory as JSON: {@code tokenizer.json}, or what {@link
 * SentencePieceModel} makes of {@code tokenizer.model}, and {@code tokenizer_config.json}. Special
 * tokens are taken out of the JSON, so that the library does not find them in text.
 */
public final class TokenizerFiles {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final double IMPOSSIBLE = -1e6; // log-probability of a piece that no text has

  private TokenizerFiles() {}

  /** Texts of all tokens of a model directory by their ids, as its files spell them. */
  public static Map<Integer, String> vocabulary(Path directory) {
    Path file = file(directory);
    try {
      ObjectNode json = json(file, config(directory));
      Map<Integer, String> texts = new HashMap<>();
      JsonNode vocabulary = json.path("model").path("vocab");
      int next = 0;
      for (JsonNode unigram : vocabulary.isArray() ? vocabulary : List.<JsonNode>of()) {
        texts.put(next++, unigram.path(0).asText());
      }
      vocabulary.properties().forEach(e -> texts.put(e.getValue().asInt(-1), e.getKey()));
      json.path("added_tokens")
          .forEach(t -> texts.put(t.path("id").asInt(-1), t.path("content").asText()));
      return texts;
    } catch (JsonProcessingException e) {
      throw new ModelException(
          "The tokenizer of " + directory + " is not JSON: " + ConfigReader.reason(e) + ".");
    } catch (IOException e) {
      throw new ModelException("The file " + file + " cannot be read: " + e.getMessage());
    }
  }

  /** {@code tokenizer.json} where there is one, else {@code tokenizer.model}. */
  static Path file(Path directory) {
    for (String name : List.of("tokenizer.json", "tokenizer.model")) {
      if (Files.isRegularFile(directory.resolve(name))) {
        return directory.resolve(name);
      }
    }
    throw new ModelException(
        "The model directory " + directory + " has neither tokenizer.json nor tokenizer.model.");
  }

  /** {@code tokenizer_config.json}; an empty object where there is none. */
  static JsonNode config(Path directory) throws IOException {
    Path file = directory.resolve("tokenizer_config.json");
    if (!Files.isRegularFile(file)) {
      return MAPPER.createObjectNode();
    }
    JsonNode json = MAPPER.readTree(file.toFile());
    if (!json.isObject()) {
      throw new ModelException("The file " + file + " does not hold a JSON object.");
    }
    return json;
  }

  /**
   * The file as a {@code tokenizer.json}.
   *
   * @param config {@code tokenizer_config.json}
   */
  static ObjectNode json(Path file, JsonNode config) throws IOException {
    if (file.endsWith("tokenizer.json")) {
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode json) {
        return json;
      }
      throw new ModelException("The file " + file + " does not hold a JSON object.");
    }
    ObjectNode json = SentencePieceModel.read(file);
    // Tokens that were added later are in the configuration only.
    for (Map.Entry<String, JsonNode> e : config.path("added_tokens_decoder").properties()) {
      String text = e.getValue().path("content").asText();
      if (!json.path("model").path("vocab").has(text)) {
        boolean special = e.getValue().path("special").asBoolean();
        added(json.withArray("added_tokens"), Integer.parseInt(e.getKey()), text, special);
      }
    }
    return json;
  }

  /** Adds a token to {@code added_tokens}. */
  static void added(ArrayNode tokens, int id, String content, boolean special) {
    tokens
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
  }

  /**
   * Removes the special tokens from a {@code tokenizer.json}, so that the library cannot find them
   * in text; returns them by id. They are removed from the vocabulary too, except the unknown
   * token.
   */
  static Map<Integer, String> takeSpecial(ObjectNode json) {
    Map<Integer, String> special = new LinkedHashMap<>();
    JsonNode model = json.path("model");
    String unknown = model.path("unk_token").asText("");
    for (Iterator<JsonNode> all = json.path("added_tokens").iterator(); all.hasNext(); ) {
      JsonNode token = all.next();
      if (token.path("special").asBoolean()) {
        String text = token.path("content").asText();
        special.put(token.path("id").asInt(), text);
        all.remove();
        if (model.path("vocab") instanceof ObjectNode vocabulary && !text.equals(unknown)) {
          vocabulary.remove(text);
        }
      }
    }
    keepIds(json);
    return special;
  }

  /**
   * Adds the remaining added tokens to the vocabulary, with their own ids. Otherwise the library
   * would number them after the end of the vocabulary.
   */
  private static void keepIds(ObjectNode json) {
    JsonNode vocabulary = json.path("model").path("vocab");
    for (JsonNode token : json.path("added_tokens")) {
      String text = token.path("content").asText();
      int id = token.path("id").asInt(-1);
      if (vocabulary instanceof ObjectNode words && !words.has(text)) {
        words.put(text, id);
      } else if (vocabulary instanceof ArrayNode pieces && id >= pieces.size()) {
        while (pieces.size() < id) {
          pieces
              .addArray()
              .add("\u0000" + pieces.size())
              .add(IMPOSSIBLE); // the id of a special token
        }
        pieces.addArray().add(text).add(IMPOSSIBLE);
      }
    }
  }
}
