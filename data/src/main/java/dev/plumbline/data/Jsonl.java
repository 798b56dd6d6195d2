package dev.plumbline.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON lines: one object a line, UTF-8, {@code \n} at the end of each.
 *
 * <p>Reading is strict: repeated keys, text after the object and lines that hold no object are
 * {@link UserError}s with file and line, and so are blank lines except at the very end. Writing
 * replaces the target atomically.
 */
public final class Jsonl {
  private Jsonl() {}

  /** A strict mapper; a new one each time, so that nobody can change another's. */
  public static ObjectMapper mapper() {
    return JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  /** The objects of a file; element i stands on line i + 1. */
  public static List<ObjectNode> read(Path file) {
    List<String> lines = text(file).lines().toList();
    int used = lines.size();
    while (used > 0 && lines.get(used - 1).isBlank()) {
      used--; // blank lines at the end hold nothing that could be lost
    }
    if (used == 0) {
      throw new UserError(file + " is empty; it needs one JSON object a line.");
    }
    ObjectMapper mapper = mapper();
    List<ObjectNode> rows = new ArrayList<>(used);
    for (int i = 0; i < used; i++) {
      rows.add(parse(mapper, file, i + 1, lines.get(i)));
    }
    return rows;
  }

  /**
   * The whole file as text, without a byte-order mark; anything but UTF-8 is a {@link UserError}.
   */
  static String text(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserError(file + " is not a file; check the path.");
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new UserError(file + " is not UTF-8 text; convert it to UTF-8.", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading " + file + " failed.", e);
    }
  }

  private static ObjectNode parse(ObjectMapper mapper, Path file, int line, String text) {
    if (text.isBlank()) {
      throw at(file, line, "is blank; remove the line or put one JSON object there");
    }
    try {
      JsonNode node = mapper.readTree(text);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw at(file, line, "holds " + describe(node) + "; put one JSON object {...} there");
    } catch (JsonProcessingException e) {
      throw new UserError(
          file
              + ", line "
              + line
              + " is not valid JSON ("
              + e.getOriginalMessage()
              + "); put one JSON object there.",
          e);
    }
  }

  private static String describe(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      default -> "null";
    };
  }

  /** {@code FILE, line N <problem>.} */
  static UserError at(Path file, int line, String problem) {
    return new UserError(file + ", line " + line + " " + problem + ".");
  }

  /** Writes all rows and replaces {@code file} in one step. */
  public static void write(Path file, Iterable<? extends JsonNode> rows) {
    try (Writer writer = writer(file)) {
      for (JsonNode row : rows) {
        writer.write(row);
      }
      writer.commit();
    }
  }

  /** Opens a writer for rows that come one at a time; see {@link Writer#commit}. */
  public static Writer writer(Path file) {
    try {
      return new Writer(AtomicFile.create(file), file);
    } catch (IOException e) {
      throw new UncheckedIOException("Opening " + file + " for writing failed.", e);
    }
  }

  /**
   * Writes rows one at a time; the file appears under its own name at {@link #commit}, and never
   * without it.
   */
  public static final class Writer implements AutoCloseable {
    private final AtomicFile target;
    private final Path file;
    private final ObjectMapper mapper = mapper();

    private Writer(AtomicFile target, Path file) {
      this.target = target;
      this.file = file;
    }

    public void write(JsonNode row) {
      try {
        target.stream().write(mapper.writeValueAsBytes(row));
        target.stream().write('\n');
      } catch (IOException e) {
        throw new UncheckedIOException("Writing " + file + " failed.", e);
      }
    }

    public void commit() {
      try {
        target.commit();
      } catch (IOException e) {
        throw new UncheckedIOException("Replacing " + file + " failed.", e);
      }
    }

    @Override
    public void close() {
      try {
        target.close();
      } catch (IOException e) {
        throw new UncheckedIOException("Closing " + file + " failed.", e);
      }
    }
  }
}
