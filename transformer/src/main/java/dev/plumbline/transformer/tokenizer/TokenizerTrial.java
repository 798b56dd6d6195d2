package dev.plumbline.transformer.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.plumbline.transformer.model.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Loads a tokenizer in a separate process and encodes difficult texts there, so that a file on
 * which the library aborts or hangs ends only that process. The digest of a file that passed is
 * stored under {@code PLUMBLINE_CACHE} (else {@code ~/.cache/plumbline}), so that each file is
 * tried once.
 */
public final class TokenizerTrial {
  private static final int DEADLINE_SECONDS = 20;
  private static final long MAX_ADDRESS_KIB = 8L << 20;
  private static final String PASSED = "passed";

  private TokenizerTrial() {}

  /**
   * Tries a file, unless it has passed before.
   *
   * @throws ModelException if it does not pass
   */
  static void pass(Path file, byte[] json) {
    try {
      Path known = cache().resolve("tokenizer-" + digest(json));
      if (Files.exists(known)) {
        return;
      }
      String said = run(json);
      if (!said.strip().endsWith(PASSED)) {
        throw new ModelException(
            "The file " + file + " is no tokenizer that can be used: " + reason(said));
      }
      remember(known);
    } catch (IOException e) {
      throw new ModelException(
          "The file " + file + " could not be tried in a process of its own: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Trying a tokenizer was interrupted.", e);
    }
  }

  private static Path cache() {
    String own = System.getProperty("plumbline.cache", System.getenv("PLUMBLINE_CACHE"));
    if (own != null && !own.isBlank()) {
      return Path.of(own);
    }
    String caches = System.getenv("XDG_CACHE_HOME");
    return caches != null && Path.of(caches).isAbsolute()
        ? Path.of(caches, "plumbline")
        : Path.of(System.getProperty("user.home"), ".cache", "plumbline");
  }

  private static void remember(Path known) {
    try {
      Files.createDirectories(known.getParent());
      Path fresh = Files.createTempFile(known.getParent(), "tokenizer", ".tmp");
      Files.move(fresh, known, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Nothing can be written there: the file is tried again the next time.
    }
  }

  private static String digest(byte[] json) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Output of the process until the deadline. */
  private static String run(byte[] json) throws IOException, InterruptedException {
    Path input = Files.createTempFile("plumbline-tokenizer", ".json");
    Path output = Files.createTempFile("plumbline-tokenizer", ".txt");
    try {
      Files.write(input, json);
      Process process =
          new ProcessBuilder(command())
              .redirectInput(input.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        return "the tokenizers library does not come back from it within "
            + DEADLINE_SECONDS
            + " seconds.";
      }
      return Files.readString(output, StandardCharsets.ISO_8859_1);
    } finally {
      Files.deleteIfExists(input);
      Files.deleteIfExists(output);
    }
  }

  private static List<String> command() {
    return List.of(
        "/bin/sh",
        "-c",
        "ulimit -c 0; ulimit -v " + MAX_ADDRESS_KIB + " 2>/dev/null; exec \"$@\"",
        "sh",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        TokenizerTrial.class.getName());
  }

  /** The reason of a failure: the library's own line, if there is one. */
  private static String reason(String said) {
    return said.lines()
        .filter(line -> line.contains("panicked") || line.startsWith("the tokenizers library"))
        .findFirst()
        .or(() -> said.lines().filter(line -> line.startsWith("refused: ")).findFirst())
        .map(line -> line.length() > 300 ? line.substring(0, 300) + "…" : line)
        .orElse("the tokenizers library ends the program on it.");
  }

  /** The separate process: reads a tokenizer from standard input and encodes probes. */
  public static void main(String[] args) throws IOException {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try (HuggingFaceTokenizer tokenizer =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(System.in.readAllBytes()),
            Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD"))) {
      for (String probe : probes()) {
        long[] ids = tokenizer.encode(probe, true, false).getIds();
        tokenizer.decode(ids, false);
      }
      System.out.println(PASSED);
    } catch (RuntimeException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  /** Long runs test expressions for backtracking; all characters test the tables. */
  private static List<String> probes() {
    StringBuilder all = new StringBuilder();
    for (int c = 1; c < 0x30000; c += c < 0x3000 ? 1 : 7) {
      if (c < 0xd800 || c > 0xdfff) {
        all.appendCodePoint(c);
      }
    }
    String words =
        "Once upon a time, 12 + 30 = 42; it's \u00e9t\u00e9 \u4e2d\u6587 \ud83c\udf89\n\n\t";
    return List.of(
        "",
        " ",
        "a",
        words,
        words.repeat(200),
        all.toString(),
        "a".repeat(5000) + "!",
        " ".repeat(5000) + "a",
        "1".repeat(5000) + "x",
        "ab ".repeat(3000),
        "\n".repeat(5000),
        "aA1 ".repeat(2000) + "\u0000",
        "!".repeat(5000),
        "\u00e9".repeat(3000) + ".");
  }
}
