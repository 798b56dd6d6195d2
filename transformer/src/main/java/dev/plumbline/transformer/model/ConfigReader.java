package dev.plumbline.transformer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.DoublePredicate;

/**
 * Reads the keys of a {@code config.json}. An absent key, or null, means the default. A value of
 * the wrong type or range is an error.
 *
 * @param json the object
 * @param origin names the file, and the object in it, in errors
 */
public record ConfigReader(JsonNode json, String origin) {
  public ModelException error(String what) {
    return new ModelException(origin + ": " + what + ".");
  }

  /** Why a text is not JSON, without the parser's internals. */
  public static String reason(JsonProcessingException e) {
    return e.getOriginalMessage()
        .lines()
        .findFirst()
        .orElse("")
        .replaceAll("\\(?[a-z ]*\\[Source:[^\\]]*\\]\\)?", "")
        .strip();
  }

  private boolean absent(String key) {
    return !json.hasNonNull(key);
  }

  private ModelException wrong(String key, String needed) {
    String value = json.get(key).toString();
    String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
    return error(key + " must be " + needed + ", but is " + shown);
  }

  /** A whole number > 0; {@code fallback} 0 means that the key is required. */
  public int positive(String key, int fallback) {
    if (absent(key)) {
      if (fallback > 0) {
        return fallback;
      }
      throw error("the key " + key + " is missing");
    }
    JsonNode value = json.get(key);
    if (!value.isInt() || value.asInt() <= 0) {
      throw wrong(key, "a whole number > 0");
    }
    return value.asInt();
  }

  /** A whole number >= 0. */
  int count(String key, int fallback) {
    if (absent(key)) {
      return fallback;
    }
    JsonNode value = json.get(key);
    if (!value.isInt() || value.asInt() < 0) {
      throw wrong(key, "a whole number >= 0");
    }
    return value.asInt();
  }

  /**
   * A finite number within a range; a fallback that is not a number means that the key is required.
   *
   * @param needed the range in words, such as "a number > 0"
   */
  public double number(String key, double fallback, DoublePredicate range, String needed) {
    if (absent(key)) {
      if (Double.isNaN(fallback)) {
        throw error("the key " + key + " is missing");
      }
      return fallback;
    }
    JsonNode value = json.get(key);
    if (!value.isNumber() || !Double.isFinite(value.asDouble()) || !range.test(value.asDouble())) {
      throw wrong(key, needed);
    }
    return value.asDouble();
  }

  /** A number > 0. */
  public double positiveNumber(String key, double fallback) {
    return number(key, fallback, x -> x > 0, "a number > 0");
  }

  public boolean flag(String key, boolean fallback) {
    if (absent(key)) {
      return fallback;
    }
    if (!json.get(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return json.get(key).asBoolean();
  }

  public String text(String key, String fallback) {
    if (absent(key)) {
      return fallback;
    }
    if (!json.get(key).isTextual()) {
      throw wrong(key, "a text");
    }
    return json.get(key).asText();
  }

  /** A list of texts; empty where the key is absent. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    if (!absent(key)) {
      if (!json.get(key).isArray()) {
        throw wrong(key, "a list of texts");
      }
      for (JsonNode one : json.get(key)) {
        if (!one.isTextual()) {
          throw wrong(key, "a list of texts");
        }
        texts.add(one.asText());
      }
    }
    return Collections.unmodifiableList(texts);
  }

  /** An object, or null where the key is absent. */
  public JsonNode object(String key) {
    if (absent(key)) {
      return null;
    }
    if (json.get(key).getNodeType() != JsonNodeType.OBJECT) {
      throw wrong(key, "an object");
    }
    return json.get(key);
  }

  /** A reader of an object inside this one. */
  public ConfigReader within(String key, JsonNode object) {
    return new ConfigReader(object, origin + ": in " + key);
  }

  /** Ids of tokens: one, or a list of them. */
  public List<Integer> tokenIds(String key, int vocabSize) {
    List<Integer> ids = new ArrayList<>();
    if (!absent(key)) {
      for (JsonNode id : json.get(key).isArray() ? json.get(key) : List.of(json.get(key))) {
        if (!id.isInt() || id.asInt() < 0 || id.asInt() >= vocabSize) {
          throw wrong(
              key, "a token id, or for eos_token_id a list of them, from 0 to " + (vocabSize - 1));
        }
        if (!ids.contains(id.asInt())) {
          ids.add(id.asInt());
        }
      }
    }
    return List.copyOf(ids);
  }

  /** Refuses a feature that Plumbline does not compute. */
  public void refuse(String key, boolean present) {
    if (present) {
      throw error(
          "the config asks for " + key + " = " + json.get(key) + ", which is not supported");
    }
  }
}
