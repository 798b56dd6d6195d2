package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.experiment.EmbeddedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Long commands save their finished work: they are killed, interrupted and started again. */
class KeptWorkTest {
  private static final int ROWS = 60;

  @TempDir static Path shared;
  private static Path model;
  private static Path data;

  @TempDir Path work;

  @BeforeAll
  static void makeInputs() throws IOException {
    model = EmbeddedModel.FINE_TUNED.extract(shared.resolve("model"));
    Path problems = shared.resolve("problems");
    Cli.succeed(
        "problems", "output=" + problems, "train=60", "validation=0", "test=0", "vocabulary=0");
    data = problems.resolve("train.jsonl");
    Cli.candidates(data, shared.resolve("candidates.jsonl"), 50);
    List<JsonNode> rows = Cli.rows(data);
    List<Map<String, String>> pairs = new ArrayList<>();
    List<Map<String, String>> responses = new ArrayList<>();
    for (int i = 0; i < 1500; i++) {
      String prompt = rows.get(i % ROWS).path("question").asText();
      String chosen = rows.get(i % ROWS).path("answer").asText();
      String rejected = rows.get((i * 7 + 1) % ROWS).path("answer").asText();
      if (i < 250) {
        pairs.add(Map.of("prompt", prompt, "chosen", chosen, "rejected", rejected));
      }
      responses.add(Map.of("prompt", prompt, "response", rejected));
    }
    Cli.write(shared.resolve("pairs.jsonl"), pairs);
    Cli.write(shared.resolve("responses.jsonl"), responses);
  }

  /** A command that runs for a few seconds; its output is a file or a directory. */
  private static String[] command(String name, Path output) {
    List<String> options =
        switch (name) {
          case "sample" -> List.of("data=" + data, "candidates=6", "temperature=1.5");
          case "contrast" -> List.of("data=" + data, "candidates=8", "temperature=1.3");
          case "pairs" -> List.of("data=" + data, "attempts=16", "max-tries=16", "min-remaining=2");
          case "locate" -> List.of("data=" + data, "limit=8", "rollouts=16", "replace=true");
          case "evaluate" ->
              List.of(
                  "data=" + data, "votes=5", "candidates=" + shared.resolve("candidates.jsonl"));
          case "estimate" ->
              List.of("negative=" + model, "data=" + shared.resolve("pairs.jsonl"), "beta=2");
          case "score" -> List.of("data=" + shared.resolve("responses.jsonl"));
          default -> throw new IllegalArgumentException(name);
        };
    List<String> all = new ArrayList<>(List.of(name, "output=" + output));
    all.add((name.equals("estimate") ? "positive=" : "model=") + model);
    all.addAll(options);
    if (!List.of("estimate", "score").contains(name)) {
      all.add("max-tokens=120");
    }
    return all.toArray(String[]::new);
  }

  private static boolean writesDirectory(String command) {
    return List.of("evaluate", "pairs", "contrast").contains(command);
  }

  private static Path journal(String command, Path output) {
    return writesDirectory(command)
        ? output.resolve(command + ".partial")
        : output.resolveSibling(output.getFileName() + ".partial");
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  private static void assertSame(Path found, Path wanted) throws IOException {
    if (Files.isRegularFile(wanted)) {
      assertThat(found).hasSameBinaryContentAs(wanted);
      return;
    }
    try (Stream<Path> files = Files.list(wanted)) {
      for (Path file : files.toList()) {
        assertThat(found.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
    try (Stream<Path> left = Files.list(found);
        Stream<Path> files = Files.list(wanted)) {
      assertThat(left.map(Path::getFileName))
          .hasSameElementsAs(files.map(Path::getFileName).toList());
    }
  }

  /**
   * Killed twice and interrupted once, early and late.
   *
   * @param lines approximate number of lines of the complete journal
   */
  @ParameterizedTest
  @CsvSource({
    "sample, 61",
    "score, 47",
    "evaluate, 128",
    "pairs, 230",
    "locate, 150",
    "estimate, 251",
    "contrast, 61"
  })
  void aKilledCommandResumesAndWritesTheSameBytes(String name, int lines) throws Exception {
    Path cut = work.resolve("cut");
    Path journal = journal(name, cut);
    int before = 0;
    String interrupt = Program.ignores(2) ? "TERM" : "INT"; // ignored in the background of a shell
    for (String signal : List.of("KILL", interrupt, "KILL")) {
      try (Program program = Program.start(work, command(name, cut))) {
        int until = before + lines / (before == 0 ? 20 : 4);
        assertThat(program.awaitLines(journal, until)).as(program.err()).isTrue();
        program.signal("STOP"); // so that it does not end too early
        program.signal(signal);
        program.signal("CONT");
        boolean interrupted = signal.equals(interrupt);
        int code = interrupt.equals("INT") ? 130 : 143;
        assertThat(program.await()).as(program.err()).isEqualTo(interrupted ? code : 137);
        if (before > 0) {
          assertThat(program.err()).contains("Resuming: ");
        }
        if (interrupted) {
          assertThat(program.err())
              .contains("SIG" + interrupt + ": finishing the current pass")
              .contains("Interrupted: ")
              .contains("Run the same command again to resume.")
              .doesNotContain("failure");
        }
      }
      before = Files.readAllLines(journal).size();
    }
    byte[] kept = Files.readAllBytes(journal);
    Files.write(journal, Arrays.copyOf(kept, kept.length - 3)); // the last line is incomplete
    Cli.Result result = Cli.run(command(name, cut));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Resuming: ");
    assertThat(journal).doesNotExist();
    Path whole = work.resolve("whole");
    Cli.succeed(command(name, whole));
    assertSame(cut, whole);
    assertThat(work.resolve("cut.lock")).doesNotExist();
  }

  @Test
  void anOutputHasOneRunAndAJournalOneCommandLine() throws Exception {
    Path output = work.resolve("solutions.jsonl");
    Path journal = journal("sample", output);
    try (Program program = Program.start(work, command("sample", output))) {
      assertThat(program.awaitLines(journal, 4)).as(program.err()).isTrue();
      Cli.refused("Another run writes " + output + " (process ", command("sample", output));
      program.signal("TERM");
      assertThat(program.await()).as(program.err()).isEqualTo(143);
    }
    byte[] kept = Files.readAllBytes(journal);
    Cli.refused(
        journal + " has unfinished work of 'sample' with other options, data or model",
        with(command("sample", output), "seed=5"));
    Path copy = work.resolve("renamed");
    Files.createDirectories(copy);
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(model.resolve(file), copy.resolve(file));
    }
    Files.copy(model.resolve("tokenizer_config.json"), copy.resolve("tokenizer_config.json"));
    Cli.succeed("prompts", "model=" + copy, "form=alpaca");
    Cli.refused(
        "with other options, data or model", with(command("sample", output), "model=" + copy));
    Cli.refused(
        "has unfinished work of 'sample'",
        "score",
        "model=" + model,
        "data=" + shared.resolve("responses.jsonl"),
        "output=" + output);
    assertThat(Files.readAllBytes(journal)).isEqualTo(kept); // a refusal changes nothing

    List<String> lines = new ArrayList<>(Files.readAllLines(journal));
    lines.set(2, lines.get(2).substring(7));
    Files.write(journal, lines);
    Cli.refused("Row 3 of " + journal + " is damaged", command("sample", output));
    Files.delete(journal);
    Files.writeString(journal, "notes without an end");
    Cli.refused(journal + " is not a journal of Plumbline", command("sample", output));
    assertThat(journal).hasContent("notes without an end");
    assertThat(output).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample", "score", "evaluate", "pairs", "locate", "estimate", "contrast"})
  void anUnwritableOutputIsReportedBeforeTheModelIsLoaded(String name) throws Exception {
    Path file = Files.writeString(work.resolve("file"), "mine");
    String noModel = (name.equals("estimate") ? "positive=" : "model=") + work.resolve("nowhere");
    Cli.refused("not a directory", with(command(name, file.resolve("output")), noModel));
    Cli.refused("file name too long", with(command(name, work.resolve("n".repeat(300))), noModel));
    Cli.refused(
        "no such file or directory", with(command(name, Path.of("/proc/none/output")), noModel));
    if (writesDirectory(name)) {
      Cli.refused(
          "is an input of the command; choose another output",
          with(command(name, model), "model=" + model));
    } else {
      Cli.refused(
          "is a directory, so no file can be written there", with(command(name, work), noModel));
      Path own =
          Files.copy(
              name.equals("score") ? shared.resolve("responses.jsonl") : data(name),
              work.resolve("own.jsonl"));
      Path link = Files.createSymbolicLink(work.resolve("link"), own);
      byte[] before = Files.readAllBytes(own);
      Cli.refused("is an input of the command", with(command(name, link), "data=" + own, noModel));
      assertThat(Files.readAllBytes(own)).isEqualTo(before);
    }
    try (Stream<Path> left = Files.list(work)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .noneMatch(n -> n.endsWith(".partial") || n.endsWith(".lock"));
    }
  }

  private static Path data(String name) {
    return name.equals("estimate") ? shared.resolve("pairs.jsonl") : data;
  }

  @Test
  void outputToADeviceIsNotSaved() throws Exception {
    Path few = work.resolve("few.jsonl");
    Files.write(few, Files.readAllLines(shared.resolve("responses.jsonl")).subList(0, 2));
    String[] score = {"score", "model=" + model, "data=" + few, "output=/dev/stdout"};
    try (Program program = Program.start(work, score)) {
      assertThat(program.await()).as(program.err()).isZero();
      assertThat(program.out().lines()).hasSize(2);
    }
  }
}
