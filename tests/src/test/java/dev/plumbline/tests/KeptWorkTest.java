package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long commands keep what they did: killed, interrupted and started again. */
class KeptWorkTest {
  @TempDir static Path shared;
  private static Path model;
  private static Path data;

  @TempDir Path work;

  @BeforeAll
  static void makeModel() throws IOException {
    model = Cli.tinyModel(shared);
    data = shared.resolve("problems").resolve("train.jsonl");
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      rows.add(
          "{\"prompt\": \"Question " + i + "\", \"response\": \"" + "7 and ".repeat(40) + "\"}");
    }
    Files.write(shared.resolve("rows.jsonl"), rows);
  }

  /** A command that works for a few seconds; its output is a file or a directory. */
  private static String[] command(String name, Path output) {
    List<String> all = new ArrayList<>(List.of(name, "output=" + output));
    switch (name) {
      case "sample" ->
          all.addAll(List.of("model=" + model, "data=" + data, "candidates=24", "max-tokens=120"));
      case "score" ->
          all.addAll(List.of("model=" + model, "input=" + shared.resolve("rows.jsonl")));
      default -> throw new IllegalArgumentException(name);
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

  private static void refused(String words, String... args) {
    Cli.Result result = Cli.run(args);
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(words);
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

  @ParameterizedTest
  @ValueSource(strings = {"sample", "score"})
  void aCommandThatWasCutOffGoesOnAndEndsInTheSameBytes(String name) throws Exception {
    Path cut = work.resolve("cut");
    Path journal = journal(name, cut);
    int lines = 2;
    for (String signal : List.of("KILL", "KILL", "INT")) {
      try (Program program = Program.start(work, command(name, cut))) {
        assertThat(program.awaitLines(journal, lines)).as(program.err()).isTrue();
        program.signal(signal);
        int code = program.await();
        assertThat(code).as(program.err()).isEqualTo(signal.equals("INT") ? 130 : 137);
        if (lines > 2) {
          assertThat(program.err()).contains("Resuming: ");
        }
        if (signal.equals("INT")) {
          assertThat(program.err())
              .contains("SIGINT: finishing the pass in hand")
              .contains("Interrupted: ")
              .contains("Run the same command again to resume.")
              .doesNotContain("failure");
        }
      }
      lines = Files.readAllLines(journal).size() + 2;
    }
    byte[] kept = Files.readAllBytes(journal);
    Files.write(journal, java.util.Arrays.copyOf(kept, kept.length - 3)); // torn
    Cli.Result result = Cli.run(command(name, cut));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Resuming: ");
    Path whole = work.resolve("whole");
    Cli.succeed(command(name, whole));
    assertSame(cut, whole);
    assertThat(journal).doesNotExist();
    assertThat(work.resolve("cut.lock")).doesNotExist();
  }
}
