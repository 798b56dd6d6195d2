package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;

/** Where a tokenizer adds a space before a text, as SentencePiece does. */
enum DummyPrefix {
  /** Nowhere. */
  NONE,
  /** At the beginning of a sequence. */
  BEGINNING,
  /** There and after every special token. */
  EVERY_SEGMENT;

  /**
   * Removes the dummy prefix from a {@code tokenizer.json}: from its normalizer ({@code Prepend})
   * and its pre-tokenizer ({@code Metaspace}, {@code ByteLevel}), and its removal from the decoder.
   */
  static DummyPrefix take(ObjectNode json) {
    DummyPrefix found = NONE;
    if (json.path("normalizer").path("type").asText().equals("Prepend")) {
      json.putNull("normalizer");
      found = EVERY_SEGMENT;
    }
    for (String part : new String[] {"normalizer", "pre_tokenizer"}) {
      DummyPrefix here = takeFrom(json.path(part));
      found = widest(here, found);
    }
    if (found != NONE) {
      takeFrom(json.path("decoder"));
      if (json.path("decoder").path("type").asText().equals("Strip")) {
        json.putNull("decoder");
      }
    }
    return found;
  }

  private static DummyPrefix widest(DummyPrefix a, DummyPrefix b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private static DummyPrefix takeFrom(JsonNode part) {
    DummyPrefix found = NONE;
    for (String list : new String[] {"normalizers", "pretokenizers", "decoders"}) {
      if (part.path(list) instanceof ArrayNode parts) {
        for (Iterator<JsonNode> all = parts.iterator(); all.hasNext(); ) {
          JsonNode one = all.next();
          String type = one.path("type").asText();
          boolean leading = type.equals("Strip") && one.path("start").asInt() > 0;
          if (type.equals("Prepend") || leading) {
            all.remove();
            found = EVERY_SEGMENT;
          } else {
            DummyPrefix here = takeFrom(one);
            found = widest(here, found);
          }
        }
      }
    }
    if (part instanceof ObjectNode own) {
      DummyPrefix here = takeOwn(own);
      found = widest(here, found);
    }
    return found;
  }

  private static DummyPrefix takeOwn(ObjectNode part) {
    switch (part.path("type").asText()) {
      case "Metaspace" -> {
        // Files older than prepend_scheme have add_prefix_space, which is true by default.
        String scheme =
            part.path("prepend_scheme")
                .asText(part.path("add_prefix_space").asBoolean(true) ? "always" : "never");
        part.put("prepend_scheme", "never");
        part.remove("add_prefix_space");
        return switch (scheme) {
          case "never" -> NONE;
          case "first" -> BEGINNING;
          default -> EVERY_SEGMENT;
        };
      }
      case "ByteLevel" -> {
        boolean adds = part.path("add_prefix_space").asBoolean(true);
        part.put("add_prefix_space", false);
        return adds ? EVERY_SEGMENT : NONE;
      }
      case "Strip" -> { // of a normalizer: a continuation keeps its first space
        part.put("strip_left", false);
        return NONE;
      }
      default -> {
        return NONE;
      }
    }
  }
}
