package dev.plumbline.alignment.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.data.AtomicFile;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;

/**
 * What a long command has finished, kept beside its output: a run that was killed at any moment and
 * is started again ends in the same bytes as one that was left alone. The output is written from it
 * at the end, and the journal goes.
 *
 * <p>The file is JSON lines: the first says which command with which options, data and model it
 * belongs to, each other one holds one finished item of a batch, in order of completion. A last
 * line without its end is what a kill cut off, and is dropped.
 */
public final class Journal implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SUFFIX = ".partial";

  private final Path file; // null where nothing is kept
  private final RunLock lock;
  private final Map<Integer, Map<Integer, String>> found = new HashMap<>(); // lines
  private FileChannel channel;
  private Interrupt interrupt;
  private boolean owned; // not one that is refused
  private boolean holdsItems;
  private boolean told;
  private int batches;
  private String what;
  private int done;
  private int count;

  /** Does the items of a batch that are missing. */
  public interface Work<T> {
    /**
     * Called once a batch.
     *
     * @param missing items to do, in order; may be none
     * @param finished takes each item's result as soon as it is there
     */
    void run(int[] missing, ObjIntConsumer<T> finished);
  }

  private Journal(Path file, RunLock lock) {
    this.file = file;
    this.lock = lock;
  }

  /** Keeps nothing: for a command without an output file. */
  public static Journal none() {
    return new Journal(null, null);
  }

  /**
   * For an output file, which is locked; nothing is kept of what goes to a device or a pipe.
   *
   * @param inputs files that are read, none of which may be the output
   * @throws UserError if nothing can be written there, or another run does
   */
  public static Journal beside(Path output, Path... inputs) {
    for (Path input : inputs) {
      refuseSame(output, input);
    }
    Path real = AtomicFile.replaced(output).orElse(null);
    if (real == null) {
      return none();
    }
    Path place = Files.isSymbolicLink(output) ? real : output;
    return new Journal(place.resolveSibling(place.getFileName() + SUFFIX), RunLock.file(place));
  }

  /**
   * For an output directory, which is made and locked.
   *
   * @param files names of the files that are written into it
   * @param inputs files and directories that are read, none of which may be written to
   * @throws UserError if nothing can be written there, or another run does
   */
  public static Journal inside(Path directory, String command, List<String> files, Path... inputs) {
    for (Path input : inputs) {
      refuseSame(directory, input);
      files.forEach(name -> refuseSame(directory.resolve(name), input));
    }
    return new Journal(directory.resolve(command + SUFFIX), RunLock.directory(directory));
  }

  private static void refuseSame(Path output, Path input) {
    if (input != null && Files.exists(input) && RunFiles.sameDirectory(output, input)) {
      throw new UserError(
          "The output " + output + " is what the command reads; choose another output.");
    }
  }

  /**
   * Takes up what an earlier run has kept; from now on a signal ends the command at {@link #check}.
   *
   * @param settings what decides the result, see {@link RunFiles#identity(Record)}
   * @throws UserError if the journal is another command's, or is damaged
   */
  public void resume(String command, Record settings) {
    if (file == null) {
      return;
    }
    try {
      Map<String, String> header = new LinkedHashMap<>();
      header.put("command", command);
      header.put("version", RunFiles.PROGRAM_VERSION);
      byte[] identity = RunFiles.identity(settings).getBytes(StandardCharsets.UTF_8);
      header.put("settings", RunFiles.sha256(identity));
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      read(MAPPER.writeValueAsString(header));
    } catch (IOException e) {
      throw SystemReason.cannot("written", file, e);
    }
    interrupt = Interrupt.defer("the pass in hand");
  }

  /** Takes up the lines that are there, or begins anew. */
  private void read(String header) throws IOException {
    List<String> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long end = 0;
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    for (int b = in.read(); b >= 0; b = in.read()) { // not closed: that would close the channel
      line.write(b);
      if (b == '\n') {
        end += line.size();
        lines.add(line.toString(StandardCharsets.UTF_8).stripTrailing());
        line.reset();
      }
    }
    boolean own = !lines.isEmpty() && lines.get(0).equals(header);
    if (!own) {
      refuseOther(lines, header, line.toString(StandardCharsets.UTF_8));
      end = 0;
    }
    channel.truncate(end);
    channel.position(end);
    if (!own) {
      append(header);
    }
    for (int i = 1; own && i < lines.size(); i++) {
      JsonNode entry = entry(lines.get(i), i + 1);
      found
          .computeIfAbsent(entry.path("batch").asInt(), b -> new HashMap<>())
          .put(entry.path("item").asInt(), lines.get(i));
      holdsItems = true;
    }
    owned = true;
  }

  /** Another journal is refused as soon as it holds work, and every other file. */
  private void refuseOther(List<String> lines, String header, String torn) {
    boolean cutOff = lines.isEmpty() && header.startsWith(torn);
    String command = lines.isEmpty() ? "" : command(lines.get(0));
    if (cutOff || (lines.size() == 1 && !command.isEmpty())) {
      return;
    }
    throw new UserError(
        command.isEmpty()
            ? "The file "
                + file
                + " is no unfinished work of Plumbline, which is kept under this name; move it, or choose another output."
            : "The file "
                + file
                + " keeps unfinished work of '"
                + command
                + "' with other options, data or model; finish that with its own command line, delete the file to start anew, "
                + "or choose another output.");
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
      // said below
    }
    throw new UserError(
        "Row " + row + " of " + file + " is damaged; delete the file to start anew.");
  }

  /**
   * Results of all items of a batch in order: those that are kept, and those that {@code work} does
   * now. A command has the same batches in the same order each time.
   *
   * @param items what they are, such as "problems"
   * @param type of a result, which JSON must bring back as it was: no float
   */
  public <T> List<T> batch(String items, int size, Class<T> type, Work<T> work) {
    Map<Integer, String> kept = found.getOrDefault(batches, Map.of());
    List<T> results = new ArrayList<>(Collections.nCopies(size, null));
    for (Map.Entry<Integer, String> e : kept.entrySet()) {
      try {
        results.set(
            e.getKey(), MAPPER.treeToValue(MAPPER.readTree(e.getValue()).path("value"), type));
      } catch (JsonProcessingException | IndexOutOfBoundsException damage) {
        throw new UserError(
            "The file " + file + " holds no " + items + "; delete it to start anew.", damage);
      }
    }
    this.what = items;
    count = size;
    done = kept.size();
    if (holdsItems && !told && done < count) {
      System.err.println("Resuming: " + progress() + ".");
      told = true;
    }
    check();
    work.run(
        IntStream.range(0, size).filter(i -> !kept.containsKey(i)).toArray(),
        (result, item) -> {
          keep(item, result);
          results.set(item, result);
        });
    found.remove(batches++);
    return results;
  }

  private String progress() {
    return batches == 0
        ? done + " of " + count + " " + what + " are done"
        : "in part " + (batches + 1) + ", " + done + " of its " + count + " " + what + " are done";
  }

  private void keep(int item, Object result) {
    done++;
    if (channel == null) {
      return;
    }
    try {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("batch", batches);
      entry.put("item", item);
      entry.put("value", result);
      append(MAPPER.writeValueAsString(entry));
      holdsItems = true;
      told = true;
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

  /** Ends the command where a signal has come; what is finished is kept by then. */
  public void check() {
    if (interrupt != null && interrupt.requested()) {
      throw interrupt.interrupted(
          holdsItems
              ? "Interrupted: "
                  + progress()
                  + "; what is done is kept in "
                  + file
                  + ". Run the same command again to resume."
              : "Interrupted before any of the " + count + " " + what + " was done.");
    }
  }

  /** The output is written: what was kept for it goes. */
  public void finish() {
    holdsItems = false;
  }

  @Override
  public void close() {
    try {
      if (interrupt != null) {
        interrupt.close();
      }
      if (channel != null) {
        channel.close();
        if (owned && !holdsItems) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " cannot be deleted: " + SystemReason.of(e) + ".", e);
    } finally {
      if (lock != null) {
        lock.close();
      }
    }
  }
}
