package dev.plumbline.data.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the objects of JSON lines, or of one JSON array, with the line where each begins. */
public final class JsonRows {
  /** An object and the line of the file where it begins. */
  public record Row(int line, ObjectNode object) {}

  private static final int SHOWN = 200;
  private static final Pattern INTERNALS =
      Pattern.compile(
          "(?s)\\s*(\\n|at \\[Source|\\(start marker at|\\[Source|: enable `|, from `).*");
  private static final Pattern SURROGATE_ESCAPE = Pattern.compile("\\\\u[dD][89a-fA-F]");

  private JsonRows() {}

  /**
   * Reads all objects of a file.
   *
   * @throws UserError when the file is missing, empty or not valid JSON
   */
  public static List<Row> read(Path file) {
    String text = FileText.read(file);
    List<Row> rows = text.stripLeading().startsWith("[") ? array(file, text) : lines(file, text);
    if (rows.isEmpty()) {
      throw new UserError(file + " is empty; it needs one JSON object per line.");
    }
    return rows;
  }

  private static List<Row> lines(Path file, String text) {
    List<String> lines = text.lines().toList();
    int used = lines.size();
    while (used > 0 && lines.get(used - 1).isBlank()) {
      used--; // blank lines at the end contain no data
    }
    ObjectMapper mapper = Jsonl.mapper();
    List<Row> rows = new ArrayList<>(used);
    for (int i = 0; i < used; i++) {
      rows.add(new Row(i + 1, line(mapper, file, i + 1, lines.get(i))));
    }
    return rows;
  }

  private static ObjectNode line(ObjectMapper mapper, Path file, int line, String text) {
    if (text.isBlank()) {
      throw Jsonl.at(file, line, "is blank; remove the line or put one JSON object there");
    }
    try {
      return object(file, line, mapper.readTree(text), SURROGATE_ESCAPE.matcher(text).find());
    } catch (JsonProcessingException e) {
      throw new UserError(
          file
              + ", line "
              + line
              + " is not valid JSON ("
              + reason(e)
              + "); put one complete JSON object there.",
          e);
    }
  }

  private static List<Row> array(Path file, String text) {
    List<Row> rows = new ArrayList<>();
    ObjectMapper mapper =
        Jsonl.mapper().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS); // the next object
    boolean escapes = SURROGATE_ESCAPE.matcher(text).find();
    try (JsonParser parser = mapper.createParser(text)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        int line = parser.currentTokenLocation().getLineNr();
        rows.add(new Row(line, object(file, line, mapper.readTree(parser), escapes)));
      }
      if (parser.nextToken() != null) {
        throw Jsonl.at(
            file,
            parser.currentTokenLocation().getLineNr(),
            "has more text after the end of the JSON array; put one JSON object per line");
      }
      return rows;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new UserError(
          file
              + ", line "
              + line
              + ": this is one JSON array and is not valid JSON ("
              + reason(e)
              + "); correct it or put one JSON object per line.",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading " + file + " failed.", e);
    }
  }

  private static ObjectNode object(Path file, int line, JsonNode node, boolean escapes) {
    if (!(node instanceof ObjectNode object)) {
      throw Jsonl.at(
          file, line, "contains " + describe(node) + "; put one JSON object {...} there");
    }
    if (escapes) {
      refuseHalfPairs(file, line, node);
    }
    return object;
  }

  private static void refuseHalfPairs(Path file, int line, JsonNode node) {
    if (node.isTextual()) {
      node.textValue()
          .codePoints()
          .filter(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
          .findFirst()
          .ifPresent(
              c -> {
                throw Jsonl.at(
                    file,
                    line,
                    "contains \\u"
                        + Integer.toHexString(c)
                        + ", one half of a surrogate pair; give both halves or none");
              });
    }
    node.forEach(child -> refuseHalfPairs(file, line, child));
  }

  private static String describe(JsonNode node) {
    if (node == null) {
      return "null";
    }
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      default -> "null";
    };
  }

  /** Says in one line why a text is not JSON or YAML, without the parser's class names. */
  static String reason(JsonProcessingException e) {
    if (e instanceof StreamConstraintsException) {
      return e.getMessage().contains("depth")
          ? "brackets are nested more than 1,000 deep"
          : "a number or a name is too long";
    }
    if (e.getOriginalMessage().startsWith("Trailing token")) {
      return "more text follows the end of the object";
    }
    String reason = INTERNALS.matcher(e.getOriginalMessage()).replaceFirst("").strip();
    return reason.length() <= SHOWN ? reason : reason.substring(0, SHOWN - 3) + "...";
  }
}
