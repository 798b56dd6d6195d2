package dev.plumbline.alignment.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The file of a {@link Journal} in JSON lines. The first line identifies the command with its
 * options, data and model; each other line is one finished item of a batch, in order of completion.
 * An incomplete last line comes from a kill and is dropped.
 */
final class JournalFile implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final Map<Integer, Map<Integer, String>> lines = new HashMap<>(); // by batch and item
  private boolean empty = true;

  private JournalFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Reads an existing journal, or starts a new one.
   *
   * @param settings everything that decides the result, see {@link RunFiles#identity(Record)}
   * @throws UserError when the file belongs to another command, is not a journal, or is damaged;
   *     the file is left unchanged
   */
  static JournalFile open(Path file, String command, Record settings) {
    Map<String, String> header = new LinkedHashMap<>();
    header.put("command", command);
    header.put("version", Version.current());
    byte[] identity = RunFiles.identity(settings).getBytes(StandardCharsets.UTF_8);
    header.put("settings", RunFiles.sha256(identity));
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw foreign(file);
    }
    FileChannel channel = null;
    boolean opened = false;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      JournalFile journal = new JournalFile(file, channel);
      journal.read(MAPPER.writeValueAsString(header));
      opened = true;
      return journal;
    } catch (IOException e) {
      throw SystemReason.cannot("written", file, e);
    } finally {
      if (!opened && channel != null) {
        closeQuietly(channel);
      }
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The reported error is the one that kept it from being opened.
    }
  }

  private void read(String header) throws IOException {
    List<String> all = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long end = 0;
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    for (int b = in.read();
        b >= 0;
        b = in.read()) { // not closed, because that would close the channel
      line.write(b);
      if (b == '\n') {
        end += line.size();
        all.add(line.toString(StandardCharsets.UTF_8).stripTrailing());
        line.reset();
      }
    }
    boolean own = !all.isEmpty() && all.get(0).equals(header);
    if (!own) {
      refuseOther(all, header, line.toString(StandardCharsets.UTF_8));
      end = 0;
    }
    for (int i = 1; own && i < all.size(); i++) {
      JsonNode entry = entry(all.get(i), i + 1);
      lines
          .computeIfAbsent(entry.path("batch").asInt(), b -> new HashMap<>())
          .put(entry.path("item").asInt(), all.get(i));
      empty = false;
    }
    channel.truncate(end);
    channel.position(end);
    if (!own) {
      append(header);
    }
  }

  /**
   * Refuses another command's journal if it contains work, and every file that is not a journal.
   */
  private void refuseOther(List<String> all, String header, String torn) {
    boolean cutOff = all.isEmpty() && header.startsWith(torn);
    String command = all.isEmpty() ? "" : command(all.get(0));
    if (cutOff || (all.size() == 1 && !command.isEmpty())) {
      return;
    }
    if (command.isEmpty()) {
      throw foreign(file);
    }
    throw new UserError(
        "The file "
            + file
            + " has unfinished work of '"
            + command
            + "' with other options, data or model; finish that command first, delete the file to start again, "
            + "or choose another output.");
  }

  private static UserError foreign(Path file) {
    return new UserError(
        "The file "
            + file
            + " is not a journal of Plumbline, but has the name of one; move it, or choose another output.");
  }

  private static String command(String header) {
    try {
      JsonNode node = MAPPER.readTree(header);
      return node.has("settings") ? node.path("command").asText() : "";
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private JsonNode entry(String line, int row) {
    try {
      JsonNode entry = MAPPER.readTree(line);
      if (entry.path("batch").isInt() && entry.path("item").isInt() && entry.has("value")) {
        return entry;
      }
    } catch (JsonProcessingException e) {
      // reported below
    }
    throw new UserError(
        "Row " + row + " of " + file + " is damaged; delete the file to start again.");
  }

  /** Whether no item is saved. */
  boolean isEmpty() {
    return empty;
  }

  /** Removes and returns the saved results of a batch, by item. */
  <T> Map<Integer, T> take(int batch, int size, Class<T> type) {
    Map<Integer, String> kept = lines.remove(batch);
    Map<Integer, T> results = new HashMap<>();
    for (Map.Entry<Integer, String> e :
        (kept == null ? Map.<Integer, String>of() : kept).entrySet()) {
      try {
        if (e.getKey() < 0 || e.getKey() >= size) {
          throw new UserError(wrong(batch, e.getKey()));
        }
        JsonNode value = MAPPER.readTree(e.getValue()).path("value");
        results.put(e.getKey(), MAPPER.treeToValue(value, type));
      } catch (JsonProcessingException damage) {
        throw new UserError(wrong(batch, e.getKey()), damage);
      }
    }
    return results;
  }

  private String wrong(int batch, int item) {
    return "In "
        + file
        + " item "
        + item
        + " of batch "
        + batch
        + " does not belong to this command; delete the file to start again.";
  }

  /** Saves a result. */
  void keep(int batch, int item, Object value) {
    try {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("batch", batch);
      entry.put("item", item);
      entry.put("value", value);
      append(MAPPER.writeValueAsString(entry));
      empty = false;
    } catch (IOException e) {
      throw SystemReason.cannot("written", file, e);
    }
  }

  private void append(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Deletes the file: its work is in the output, or there is none. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
