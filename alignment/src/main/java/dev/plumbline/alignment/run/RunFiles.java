package dev.plumbline.alignment.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Small files of a run directory, and the checks that a directory belongs to a run. */
public final class RunFiles {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Model files, including formats that Plumbline does not write. */
  private static final Pattern MODEL_FILE =
      Pattern.compile(
          "config\\.json|adapter_config\\.json|(model|adapter_model|pytorch_model|consolidated)\\b.*"
              + "\\.(safetensors|bin|pth|json)|training-state\\.safetensors");

  /**
   * Components of settings, after the name of their record, that do not identify a run: which arms
   * and parts of an experiment it makes, and with which Python; the next command may add others.
   */
  private static final Set<String> FREE = Set.of("ArmTraining.only", "Extras.parts", "Code.python");

  private RunFiles() {}

  /** Whether two paths name the same directory. */
  public static boolean sameDirectory(Path a, Path b) {
    return identity(a).equals(identity(b));
  }

  /**
   * Records the command and its settings in {@code run.json} of a directory.
   *
   * @throws UserError when the directory belongs to a run with other settings, or contains a model
   *     of another origin
   * @param options what decides the result, see {@link #identity(Record)}
   */
  public static void claim(Path output, String command, Record options) {
    String settings = identity(options);
    Path file = output.resolve("run.json");
    JsonNode present = readJson(file);
    if (present == null) {
      refuseModel(output);
    } else if (!present.path("settings").asText().equals(settings)
        || !present.path("command").asText().equals(command)) {
      throw new UserError(
          "The directory "
              + output
              + " contains a run of '"
              + present.path("command").asText("?")
              + "' with other settings; choose another output or delete it.");
    }
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("command", command);
    own.put("settings", settings);
    writeJson(file, own);
  }

  /**
   * Whether a command that creates a model has already finished with these options; checks that its
   * files are unchanged. Otherwise claims the directory for the command.
   *
   * @throws UserError when the directory contains another model, or its files have changed
   */
  public static boolean alreadyMade(Path output, String command, Record options) {
    JsonNode finished = readJson(output.resolve("result.json"));
    claim(output, command, options);
    if (finished == null) {
      return false;
    }
    verify(output, finished);
    return true;
  }

  /**
   * Writes {@code result.json} of a command that has created a model, which marks the run as
   * complete.
   */
  public static void made(Path output, String command) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("command", command);
    result.put("files", contents(output, Checkpoint::isModelFile));
    writeJson(output.resolve("result.json"), result);
  }

  /**
   * Refuses a directory with a model but without {@code run.json}, before anything is loaded.
   *
   * @throws UserError when it is one
   */
  public static void refuseForeign(Path output) {
    if (!Files.exists(output.resolve("run.json"))) {
      refuseModel(output);
    }
  }

  /**
   * Refuses to write into a directory that contains a model.
   *
   * @throws UserError when it does
   */
  public static void refuseModel(Path output) {
    for (Path file : Files.isDirectory(output) ? list(output) : List.<Path>of()) {
      String name = file.getFileName().toString();
      if (MODEL_FILE.matcher(name).matches()) {
        throw new UserError(
            "The directory "
                + output
                + " contains a model ("
                + name
                + ") that this command has not written; choose another output or delete it.");
      }
    }
  }

  /** The identity of a path: the same for all ways to write it. */
  public static String identity(Path path) {
    if (path == null) {
      return "none";
    }
    try {
      return path.toRealPath().toString();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize().toString();
    }
  }

  /**
   * The identity of settings: files count by content and directories by real path, so that it does
   * not matter how a path is written. The component {@code output} and those in {@link #FREE} do
   * not count.
   */
  static String identity(Record settings) {
    String name = settings.getClass().getSimpleName();
    StringBuilder text = new StringBuilder(name).append('[');
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      if (!component.getName().equals("output")
          && !FREE.contains(name + "." + component.getName())) {
        Object value = SettingsJson.read(settings, component);
        text.append(component.getName()).append('=').append(identityOf(value)).append(", ");
      }
    }
    return text.append(']').toString();
  }

  private static String identityOf(Object value) {
    if (value instanceof Path path) {
      return Files.isRegularFile(path) ? "sha256 " + sha256(path) : identity(path);
    }
    if (value instanceof Record record) {
      return identity(record);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(RunFiles::identityOf).toList().toString();
    }
    return String.valueOf(value);
  }

  /**
   * Returns size and SHA-256 of each regular file of a directory whose name {@code names} accepts.
   */
  public static Map<String, Object> contents(Path directory, Predicate<String> names) {
    Map<String, Object> contents = new TreeMap<>();
    for (Path file : list(directory)) {
      String name = file.getFileName().toString();
      if (Files.isRegularFile(file) && names.test(name)) {
        contents.put(name, Map.of("bytes", size(file), "sha256", sha256(file)));
      }
    }
    return contents;
  }

  /**
   * Checks that the files of a finished run are those of {@code result.json}.
   *
   * @throws UserError when one is missing or has changed
   * @param result the content of {@code result.json}
   */
  public static void verify(Path output, JsonNode result) {
    List<String> problems = new ArrayList<>();
    boolean weights = false;
    for (Map.Entry<String, JsonNode> e : result.path("files").properties()) {
      weights |= e.getKey().endsWith(".safetensors");
      Path file = output.resolve(e.getKey());
      if (!Files.isRegularFile(file)) {
        problems.add(e.getKey() + " is missing");
      } else if (size(file) != e.getValue().path("bytes").asLong()) {
        problems.add(
            e.getKey()
                + " has "
                + size(file)
                + " bytes instead of "
                + e.getValue().path("bytes").asLong());
      } else if (!sha256(file).equals(e.getValue().path("sha256").asText())) {
        problems.add(e.getKey() + " has other content (SHA-256)");
      }
    }
    if (!weights) {
      problems.add("result.json lists no weights");
    }
    if (!problems.isEmpty()) {
      throw new UserError(
          "The run in "
              + output
              + " was complete, but its files have changed: "
              + String.join("; ", problems)
              + ". Restore the files, delete the directory to run again, or choose another output.");
    }
  }

  /**
   * Updates {@code result.json} for a file that a command has changed on purpose in a finished run.
   */
  public static void changed(Path directory, String name) {
    Path file = directory.resolve("result.json");
    if (readJson(file) instanceof ObjectNode result
        && result.path("files").path(name) instanceof ObjectNode entry) {
      Path changed = directory.resolve(name);
      entry.put("bytes", size(changed)).put("sha256", sha256(changed));
      writeJson(file, result);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " cannot be read: " + SystemReason.of(e), e);
    }
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      return all.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The directory " + directory + " cannot be read: " + SystemReason.of(e), e);
    }
  }

  /** Writes a value as JSON. */
  public static void writeJson(Path file, Object value) {
    try {
      AtomicFile.write(file, MAPPER.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The content of " + file + " cannot be JSON.", e);
    }
  }

  /**
   * Reads a JSON file; null if it does not exist.
   *
   * @throws UserError when it is damaged
   */
  public static JsonNode readJson(Path file) {
    try {
      return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : null;
    } catch (JsonProcessingException e) {
      throw new UserError(
          "The file "
              + file
              + " is damaged ("
              + Jsonl.reason(e)
              + "); restore it, or delete its directory to run again.");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " could not be read: " + e.getMessage(), e);
    }
  }

  /** SHA-256 of bytes in hexadecimal. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(newDigest().digest(bytes));
  }

  /** SHA-256 of a file's bytes in hexadecimal. */
  public static String sha256(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = newDigest();
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " could not be read: " + e.getMessage(), e);
    }
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no SHA-256, which every JDK must have.", e);
    }
  }
}
