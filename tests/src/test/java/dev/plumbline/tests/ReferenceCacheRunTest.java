package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DPO through the command line with the reference's log-probabilities cached on disk. */
class ReferenceCacheRunTest {
  @TempDir static Path shared;
  private static Path model;
  private static Path pairs;

  @TempDir Path work;
  private Path cache;

  @BeforeAll
  static void makeModelAndData() throws IOException {
    model = Cli.tinyModel(shared);
    pairs = pairs(shared.resolve("pairs.jsonl"), 12);
  }

  @BeforeEach
  void chooseCache() {
    cache = work.resolve("cache");
  }

  @Test
  void aSecondRunComputesNoReferenceAndWritesTheSameBytes() throws IOException {
    assertThat(train("first", cache)).contains("reference: 12 rows, 0 from the cache");
    assertThat(train("second", cache)).contains("reference: 12 rows, 12 from the cache");
    assertThat(train("without", "off")).contains("reference: 12 rows, 0 from the cache");
    for (String other : List.of("second", "without")) {
      for (String file : List.of("metrics.jsonl", "model.safetensors")) {
        assertThat(Files.readAllBytes(work.resolve(other).resolve(file)))
            .as("%s of %s", file, other)
            .isEqualTo(Files.readAllBytes(work.resolve("first").resolve(file)));
      }
    }
  }

  @Test
  void trainingAndObjectiveShareTheCache() {
    train("run", cache);
    String[] objective = {"objective", "--objective=dpo", "--model=" + model, "--data=" + pairs};
    Cli.Result cached = objective(objective, cache);
    assertThat(cached.err()).contains("reference: 12 rows, 12 from the cache");
    assertThat(objective(objective, "off").out()).isEqualTo(cached.out());
    Cli.Result composed = objective(objective, cache, "--ops=composed");
    assertThat(composed.err()).contains("reference: 12 rows, 0 from the cache");
  }

  @Test
  void onlyAddedRowsAreComputed() throws IOException {
    train("run", cache);
    Path more = pairs(work.resolve("more.jsonl"), 15);
    assertThat(train("more", cache, "data=" + more)).contains("15 rows, 12 from the cache");
  }

  @Test
  void theCacheIsNotPartOfTheFingerprint() {
    train("run", cache);
    Cli.Result again = Cli.run(arguments("run", "off"));
    assertThat(again.out()).startsWith("Already complete");
  }

  @Test
  void offInAFileLeavesNoTrace() throws IOException {
    Path config = Files.writeString(work.resolve("run.yaml"), "reference-cache: off\nsteps: 1\n");
    Cli.Result result =
        Cli.run(
            "train",
            "--config=" + config,
            "model=" + model,
            "objective=dpo",
            "data=" + pairs,
            "output=" + work.resolve("run"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(Path.of("off")).doesNotExist();
    assertThat(Path.of("false")).doesNotExist();
  }

  @Test
  void anUnwritableCacheDoesNotStopTraining() throws IOException {
    Path taken = Files.writeString(work.resolve("taken"), "a file");
    String err = train("run", taken);
    assertThat(err).containsOnlyOnce("cannot be written").contains(taken.toString());
    assertThat(work.resolve("run").resolve("model.safetensors")).exists();
  }

  /** Trains and returns standard error. */
  private String train(String output, Object cacheValue, String... more) {
    Cli.Result result = Cli.run(arguments(output, cacheValue, more));
    assertThat(result.code()).as(result.err()).isZero();
    return result.err();
  }

  private String[] arguments(String output, Object cacheValue, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "model=" + model,
                "objective=dpo",
                "data=" + pairs,
                "output=" + work.resolve(output),
                "steps=3",
                "batch-size=4",
                "learning-rate=1e-3",
                "reference-cache=" + cacheValue));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray(String[]::new);
  }

  private static Cli.Result objective(String[] arguments, Object cacheValue, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.add("--reference-cache=" + cacheValue);
    all.addAll(Arrays.asList(more));
    Cli.Result result = Cli.run(all.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  /** A problem's own solution is chosen, that of the next problem is rejected. */
  private static Path pairs(Path file, int count) throws IOException {
    List<JsonNode> problems = Cli.rows(shared.resolve("problems").resolve("train.jsonl"));
    List<Map<String, String>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          Map.of(
              "prompt", problems.get(i).path("question").asText(),
              "chosen", problems.get(i).path("answer").asText(),
              "rejected", problems.get(i + 1).path("answer").asText()));
    }
    return Cli.write(file, rows);
  }
}
