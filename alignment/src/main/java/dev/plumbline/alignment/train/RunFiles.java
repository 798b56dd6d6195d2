package dev.plumbline.alignment.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.plumbline.data.AtomicFile;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small files of a run directory: written beside and renamed. */
public final class RunFiles {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Of the program that writes them. */
  static final String PROGRAM_VERSION = "0.1.0";

  private RunFiles() {}

  /** Whether two paths name one directory. */
  public static boolean sameDirectory(Path a, Path b) {
    return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
  }

  /** Notes whose directory this is in {@code run.json}; refuses one that has other settings. */
  public static void claim(Path output, String command, String settings) {
    Path file = output.resolve("run.json");
    JsonNode present = readJson(file);
    if (present != null && !present.path("settings").asText().equals(settings)) {
      throw new UserError(
          "The directory "
              + output
              + " holds a run with other settings; choose another output or delete it.");
    }
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("command", command);
    own.put("settings", settings);
    writeJson(file, own);
  }

  /** Writes JSON. */
  public static void writeJson(Path file, Object value) {
    try {
      write(file, MAPPER.writeValueAsBytes(value));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " could not be written: " + e.getMessage(), e);
    }
  }

  /** Writes bytes. */
  public static void write(Path file, byte[] bytes) throws IOException {
    try (AtomicFile beside = AtomicFile.create(file)) {
      beside.stream().write(bytes);
      beside.commit();
    }
  }

  /** Reads JSON, or null when there is no such file. */
  public static JsonNode readJson(Path file) {
    try {
      return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : null;
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
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
