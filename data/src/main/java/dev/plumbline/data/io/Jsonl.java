package dev.plumbline.data.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON lines: one object per line, UTF-8, {@code \n} at the end of each. One JSON array of objects
 * is accepted for reading, too.
 *
 * <p>Reading is strict: repeated keys, text after the object and lines without an object are {@link
 * UserError}s with file and line. So are blank lines, except at the end of the file. Writing
 * replaces the target atomically.
 */
public final class Jsonl {
  private Jsonl() {}

  /** Creates a strict mapper. Each caller gets its own, because a mapper is mutable. */
  public static ObjectMapper mapper() {
    return JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  /**
   * Reads the objects of JSON lines, where element i is on line i + 1, or of one JSON array.
   *
   * @throws UserError when the file is missing, empty or not valid JSON
   */
  public static List<ObjectNode> read(Path file) {
    List<ObjectNode> objects = new ArrayList<>();
    JsonRows.read(file).forEach(row -> objects.add(row.object()));
    return objects;
  }

  /** Says in one line why a text is not JSON or YAML, without the parser's class names. */
  public static String reason(JsonProcessingException e) {
    return JsonRows.reason(e);
  }

  /** Builds the error {@code FILE, line N <problem>.} */
  public static UserError at(Path file, int line, String problem) {
    return new UserError(file + ", line " + line + " " + problem + ".");
  }

  /**
   * Writes all rows and replaces {@code file} atomically.
   *
   * @throws UserError when the operating system refuses and the user can remove the reason
   */
  public static void write(Path file, Iterable<? extends JsonNode> rows) {
    try (Writer writer = writer(file)) {
      for (JsonNode row : rows) {
        writer.write(row);
      }
      writer.commit();
    }
  }

  /**
   * Opens a writer for rows that are produced one at a time; see {@link Writer#commit}.
   *
   * @throws UserError when the file cannot be written
   */
  public static Writer writer(Path file) {
    try {
      return new Writer(AtomicFile.create(file), file);
    } catch (IOException e) {
      throw SystemReason.cannot("written", file, e);
    }
  }

  /** Writes rows one at a time. The file appears under its own name only at {@link #commit}. */
  public static final class Writer implements AutoCloseable {
    private final AtomicFile target;
    private final Path file;
    private final ObjectMapper mapper = mapper();

    private Writer(AtomicFile target, Path file) {
      this.target = target;
      this.file = file;
    }

    /** Writes one row. */
    public void write(JsonNode row) {
      try {
        target.stream().write(mapper.writeValueAsBytes(row));
        target.stream().write('\n');
      } catch (IOException e) {
        throw SystemReason.cannot("written", file, e);
      }
    }

    /** Makes the file visible under its own name. */
    public void commit() {
      try {
        target.commit();
      } catch (IOException e) {
        throw SystemReason.cannot("written", file, e);
      }
    }

    @Override
    public void close() {
      try {
        target.close();
      } catch (IOException e) {
        throw SystemReason.cannot("closed", file, e);
      }
    }
  }
}
