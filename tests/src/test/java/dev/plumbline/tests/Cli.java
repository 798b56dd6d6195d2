package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs the program like a user: takes arguments; returns exit code, standard output and standard
 * error.
 */
final class Cli {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private Cli() {}

  /** The result of a command. */
  record Result(int code, String out, String err) {}

  /** Runs a command line in this process. */
  static Result run(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(args);
      return new Result(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Runs a command line that must succeed; returns its standard output. */
  static String succeed(String... args) {
    Result result = run(args);
    assertThat(result.code()).as("%s%n%s", String.join(" ", args), result.err()).isZero();
    return result.out();
  }

  /** Runs a command line that must be refused as a user's mistake, and names it. */
  static void refused(String words, String... args) {
    Result result = run(args);
    assertThat(result.code()).as("%s: %s", String.join(" ", args), result.err()).isEqualTo(2);
    assertThat(result.err()).contains(words).doesNotContain("REDACTED", "failure");
    noTrace(result);
  }

  /** The single line of standard error after exit code 2. */
  static String sentence(Result result) {
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).startsWith("plumbline: ");
    assertThat(result.err().lines().toList()).as("one sentence").hasSize(1);
    assertThat(result.out()).isEmpty();
    noTrace(result);
    return result.err();
  }

  /** A user's mistake shows no stack trace. */
  static void noTrace(Result result) {
    assertThat(result.err()).doesNotContain("\tat ").doesNotContain("Exception");
  }

  /** Rows of a JSONL file. */
  static List<JsonNode> rows(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(MAPPER.readTree(line));
    }
    return rows;
  }

  /** Writes a JSONL file. */
  static Path write(Path file, List<? extends Map<String, ?>> rows) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Map<String, ?> row : rows) {
      text.append(MAPPER.writeValueAsString(row)).append('\n');
    }
    return Files.writeString(file, text);
  }

  /** One field of every row. */
  static double[] column(List<JsonNode> rows, String field) {
    return rows.stream().mapToDouble(row -> row.path(field).asDouble(Double.NaN)).toArray();
  }

  /** Numbers of an array. */
  static double[] numbers(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asDouble();
    }
    return values;
  }

  /** Problems, a tokenizer and a model of two small layers, all created by the program itself. */
  static Path tinyModel(Path work) {
    Path problems = work.resolve("problems");
    Path model = work.resolve("model");
    succeed(
        "problems",
        "--output=" + problems,
        "--train=200",
        "--validation=10",
        "--test=10",
        "--vocabulary=300");
    succeed(
        "new-model",
        "--tokenizer=" + problems,
        "--output=" + model,
        "--hidden-size=32",
        "--intermediate-size=64",
        "--layers=2",
        "--heads=2",
        "--kv-heads=1");
    return model;
  }

  /** Candidate groups: a problem's own solution is correct, those of other problems are wrong. */
  static Path candidates(Path problems, Path file, int questions) throws IOException {
    List<JsonNode> rows = rows(problems);
    List<Map<String, Object>> groups = new ArrayList<>();
    for (int i = 0; i < questions; i++) {
      String answer = rows.get(i).path("answer").asText();
      List<Map<String, Object>> candidates = new ArrayList<>();
      candidates.add(Map.of("response", answer, "correct", true));
      for (int wrong = 1; wrong <= 1 + i % 3; wrong++) {
        String other = rows.get(i + wrong).path("answer").asText();
        candidates.add(Map.of("response", other, "correct", false));
      }
      groups.add(
          Map.of(
              "prompt",
              rows.get(i).path("question").asText(),
              "reference",
              answer,
              "candidates",
              candidates));
    }
    return write(file, groups);
  }

  /** A training command that is valid except for the changes; later pairs override. */
  static String[] train(Path model, Path problems, Path output, String... changes) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "model=" + model,
                "objective=vft",
                "data=" + problems,
                "output=" + output,
                "epochs=1"));
    arguments.addAll(Arrays.asList(changes));
    return arguments.toArray(String[]::new);
  }

  /** The root of the checkout. */
  static Path checkout() {
    Path p = Path.of("").toAbsolutePath();
    while (!Files.exists(p.resolve("docs/papers.md"))) {
      p = p.getParent();
    }
    return p;
  }

  /** A file beside the checkout; skips the test with a reason if it does not exist. */
  static Path shared(String relative) {
    String named = System.getenv("PLUMBLINE_SHARED");
    if (named != null && Files.exists(Path.of(named, relative))) {
      return Path.of(named, relative);
    }
    for (Path p = Path.of("").toAbsolutePath(); p.getParent() != null; p = p.getParent()) {
      Path candidate = p.resolveSibling("shared").resolve(relative);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return Assumptions.abort("Skipped: shared/" + relative + " is not beside this checkout.");
  }
}
