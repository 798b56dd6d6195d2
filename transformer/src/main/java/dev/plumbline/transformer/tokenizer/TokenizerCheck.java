package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.model.ModelException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;

/**
 * Checks a {@code tokenizer.json} before the tokenizers library reads it, because the library
 * aborts the process or hangs on some files. A malformed file is refused. A file is known if the
 * library handles all its parts for every text. {@link TokenizerTrial} tries the other files in a
 * separate process.
 */
final class TokenizerCheck {
  private static final int MAX_ID = 1 << 24;
  private static final int LONGEST_TOKEN = 1 << 14;

  /** Types of parts that hold no expression or table. */
  private static final Set<String> KNOWN =
      Set.of(
          "Prepend",
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Lowercase",
          "Strip",
          "StripAccents",
          "ByteLevel",
          "Metaspace",
          "Digits",
          "Whitespace",
          "WhitespaceSplit",
          "Punctuation",
          "TemplateProcessing",
          "ByteFallback",
          "Fuse",
          "BPEDecoder");

  /**
   * Expressions of published tokenizers: GPT-2, GPT-4 and Llama 3, Qwen2, and the spaces of Llama
   * 2.
   */
  private static final Set<String> EXPRESSIONS =
      Set.of(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
          "[\\r\\n]",
          "\\s?\\p{L}+",
          "\\s?\\p{P}+",
          "\\p{N}{1,3}",
          "\\d",
          " {2,}");

  private final Path file;

  private TokenizerCheck(Path file) {
    this.file = file;
  }

  /**
   * Whether a file is known to load and to encode every text.
   *
   * @throws ModelException if it is malformed
   */
  static boolean known(Path file, ObjectNode json) {
    TokenizerCheck check = new TokenizerCheck(file);
    JsonNode model = json.path("model");
    if (!model.isObject()) {
      throw check.refused("model", "is missing or no object");
    }
    check.added(json.path("added_tokens"));
    boolean known = Set.of("BPE", "WordLevel").contains(model.path("type").asText("BPE"));
    if (known) {
      check.vocabulary(model.path("vocab"));
    }
    for (String part : new String[] {"normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
      known &= check.part(part, json.path(part), 0);
    }
    return known;
  }

  private ModelException refused(String what, String why) {
    return new ModelException(
        "The file "
            + file
            + " is no tokenizer that can be used: "
            + what
            + " "
            + why
            + "; get the file again from where the model is published.");
  }

  private void added(JsonNode tokens) {
    if (!tokens.isMissingNode() && !tokens.isNull() && !tokens.isArray()) {
      throw refused("added_tokens", "is no list");
    }
    for (JsonNode token : tokens) {
      if (!token.path("content").isTextual()) {
        throw refused("added_tokens", "holds a token without a text as content: " + shown(token));
      }
      id(token.path("id"), token.path("content").asText());
      if (token.path("content").asText().length() > LONGEST_TOKEN) {
        throw refused(
            "added_tokens",
            "holds a token of "
                + token.path("content").asText().length()
                + " characters, and at most "
                + LONGEST_TOKEN
                + " are read");
      }
    }
  }

  private int id(JsonNode id, String token) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0 || id.asInt() > MAX_ID) {
      throw refused(
          "the id of '" + shorter(token) + "'",
          "must be a whole number from 0 to " + MAX_ID + ", but is " + shown(id));
    }
    return id.asInt();
  }

  private void vocabulary(JsonNode vocabulary) {
    if (!(vocabulary instanceof ObjectNode) || vocabulary.isEmpty()) {
      throw refused("model.vocab", "is empty or no object");
    }
    BitSet seen = new BitSet(2 * vocabulary.size());
    for (Map.Entry<String, JsonNode> e : vocabulary.properties()) {
      JsonNode value = e.getValue();
      boolean plain =
          value instanceof IntNode && value.intValue() >= 0 && value.intValue() <= MAX_ID;
      int id = plain ? value.intValue() : id(value, e.getKey());
      if (seen.get(id)) {
        throw refused(
            "model.vocab",
            "gives the id " + id + " to two tokens, one of them '" + shorter(e.getKey()) + "'");
      }
      seen.set(id);
    }
  }

  /** Whether a normaliser, pre-tokeniser, post-processor or decoder is known. */
  private boolean part(String name, JsonNode part, int depth) {
    if (part.isMissingNode() || part.isNull()) {
      return true;
    }
    if (!part.path("type").isTextual()) {
      throw refused(name, "has no type: " + shown(part));
    }
    String type = part.path("type").asText();
    if (type.equals("Sequence")) {
      if (depth > 8) {
        throw refused(name, "nests sequences more than 8 deep");
      }
      boolean known = true;
      for (JsonNode list : part) {
        for (JsonNode inner : list) {
          known &= part(name, inner, depth + 1);
        }
      }
      return known;
    }
    if (type.equals("Precompiled")) {
      return charsMap(name, part.path("precompiled_charsmap"));
    }
    if (type.equals("Replace") || type.equals("Split")) {
      JsonNode pattern = part.path("pattern");
      return pattern.path("String").isTextual() && !pattern.path("String").asText().isEmpty()
          || EXPRESSIONS.contains(pattern.path("Regex").asText());
    }
    return KNOWN.contains(type);
  }

  private boolean charsMap(String name, JsonNode map) {
    String fault;
    try {
      fault = CharsMap.fault(Base64.getDecoder().decode(map.asText()));
    } catch (IllegalArgumentException e) {
      fault = "is not Base64";
    }
    if (fault != null) {
      throw refused("the precompiled_charsmap of " + name, fault);
    }
    return true;
  }

  private static String shown(JsonNode node) {
    return node.isMissingNode() ? "missing" : shorter(node.toString());
  }

  private static String shorter(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
