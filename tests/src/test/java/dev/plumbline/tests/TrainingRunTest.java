package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.tensor.random.RandomStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Training runs through the command line: repeated, with other micro-batches, killed and resumed.
 */
class TrainingRunTest {
  private static final String METRICS = "metrics.jsonl";
  private static final String WEIGHTS = "model.safetensors";

  @TempDir static Path shared;
  private static Path model;
  private static Path problems;
  private static Path candidates;

  @TempDir Path work;

  @BeforeAll
  static void makeModelAndData() throws IOException {
    model = Cli.tinyModel(shared);
    problems = shared.resolve("problems").resolve("train.jsonl");
    candidates = Cli.candidates(problems, shared.resolve("candidates.jsonl"), 40);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vft", "aft-bc"})
  void sameSeedTwiceGivesTheSameBytes(String objective) throws IOException {
    Path first = work.resolve("first");
    Path second = work.resolve("second");
    for (Path output : List.of(first, second)) {
      train(objective, output, "steps=6", "batch-size=4", "seed=3");
    }
    sameBytes(first, second);
    Path other = work.resolve("other");
    train(objective, other, "steps=6", "batch-size=4", "seed=4");
    assertThat(Files.readAllBytes(other.resolve(WEIGHTS)))
        .isNotEqualTo(Files.readAllBytes(first.resolve(WEIGHTS)));
  }

  @Test
  void snapshotsEqualRunsOfTheirLength() throws IOException {
    Path run = work.resolve("run");
    train("vft", run, "steps=7", "batch-size=4", "snapshots=3", "schedule=constant");
    Path snapshots = run.resolve("snapshots");
    try (Stream<Path> all = Files.list(snapshots)) {
      assertThat(all.map(p -> p.getFileName().toString()).sorted())
          .containsExactly("step-000003", "step-000005"); // the third is the result
    }
    for (int steps : new int[] {3, 5}) {
      Path alone = work.resolve("alone" + steps);
      // The warm-up is a share of the run's steps: 0.03 of 7 rounds to 0.
      train("vft", alone, "steps=" + steps, "batch-size=4", "schedule=constant");
      Path snapshot = snapshots.resolve("step-00000" + steps);
      for (String file : List.of(WEIGHTS, "config.json", "tokenizer.json")) {
        assertThat(snapshot.resolve(file)).hasSameBinaryContentAs(alone.resolve(file));
      }
    }
  }

  @Test
  void theBestSnapshotsAreKept() throws IOException {
    Path run = work.resolve("best");
    train("vft", run, "steps=9", "batch-size=4", "snapshots=9", "keep=2", "learning-rate=1e-4");
    double[] losses = Cli.column(Cli.rows(run.resolve(METRICS)), "loss");
    List<String> best =
        IntStream.range(0, 8) // the ninth is the result
            .boxed()
            .sorted(Comparator.comparingDouble(i -> losses[i]))
            .limit(2)
            .map(i -> "step-00000" + (i + 1))
            .sorted()
            .toList();
    try (Stream<Path> all = Files.list(run.resolve("snapshots"))) {
      assertThat(all.map(p -> p.getFileName().toString()).sorted().toList()).isEqualTo(best);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vft", "aft-bc"})
  void accumulationEqualsOneBatch(String objective) throws IOException {
    Path whole = work.resolve("whole");
    String weight = objective.equals("vft") ? "max-length=0" : "vft-weight=1";
    train(objective, whole, "steps=5", "batch-size=8", "accumulate=1", weight);
    for (int size : new int[] {1, 4}) {
      Path parts = work.resolve("parts" + size);
      train(objective, parts, "steps=5", "batch-size=" + size, "accumulate=" + 8 / size, weight);
      sameCourse(whole, parts, 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vft", "aft-bc"})
  void fusedEqualsComposed(String objective) throws IOException {
    Path fused = work.resolve("fused");
    Path composed = work.resolve("composed");
    train(objective, fused, "steps=5", "batch-size=8", "ops=fused");
    train(objective, composed, "steps=5", "batch-size=8", "ops=composed");
    sameCourse(fused, composed, 1e-4);
  }

  @ParameterizedTest
  @CsvSource({"vft, 20261124", "aft-bc, 7"})
  void killedAndResumedWritesTheSameBytes(String objective, long seed) throws Exception {
    String[] settings = {"steps=24", "batch-size=8", "save-every=3", "seed=5"};
    Path straight = work.resolve("straight");
    train(objective, straight, settings);
    Path killed = work.resolve("killed");
    RandomStream random = RandomStream.of(seed, "kills");
    int kills = 0;
    StringBuilder told = new StringBuilder();
    for (int lines : new int[] {1, 7, 17}) {
      Path log = work.resolve("child" + lines + ".log");
      Process child = child(log, arguments(objective, killed, settings));
      while (child.isAlive() && lines(killed.resolve(METRICS)) < lines) {
        Thread.sleep(1);
      }
      Thread.sleep(random.nextInt(25));
      kills += child.isAlive() ? 1 : 0;
      child.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
      told.append(Files.readString(log));
    }
    Cli.Result last = Cli.run(arguments(objective, killed, settings));
    told.append(last.err());
    assertThat(last.code()).as(told.toString()).isZero();
    assertThat(kills).as("kills that met a living process, seed %d: %s", seed, told).isPositive();
    assertThat(told.toString()).as("seed %d", seed).contains("Resuming from step");
    sameBytes(straight, killed);
    try (var files = Files.list(killed)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .contains("run.json", "data.json", "result.json", "config.json", "tokenizer.json")
          .noneMatch(name -> name.startsWith("training-state") || name.endsWith(".tmp"));
    }
  }

  @Test
  void aFinishedRunSaysSo() throws IOException {
    Path output = work.resolve("run");
    String[] settings = {"steps=3", "batch-size=4"};
    train("vft", output, settings);
    byte[] weights = Files.readAllBytes(output.resolve(WEIGHTS));
    String metrics = Files.readString(output.resolve(METRICS));
    Cli.Result again = Cli.run(arguments("vft", output, settings));
    assertThat(again.code()).isZero();
    assertThat(again.out()).startsWith("Already complete, vft: 3 steps");
    assertThat(Files.readAllBytes(output.resolve(WEIGHTS))).isEqualTo(weights);
    assertThat(Files.readString(output.resolve(METRICS))).isEqualTo(metrics);
    for (String other :
        List.of("learning-rate=0.5", "seed=9", "steps=4", "data=" + candidates, "max-length=500")) {
      Cli.Result refused = Cli.run(arguments("vft", output, "steps=3", "batch-size=4", other));
      assertThat(refused.code()).as(other).isEqualTo(2);
      assertThat(refused.err()).as(other).contains("finished run with other settings");
      assertThat(Files.readAllBytes(output.resolve(WEIGHTS))).isEqualTo(weights);
    }
  }

  @Test
  void anUnfinishedRunRefusesOtherSettings() throws Exception {
    Path output = work.resolve("unfinished");
    String[] settings = {"steps=100000", "batch-size=2", "save-every=2"};
    Path log = work.resolve("child.log");
    Process child = child(log, arguments("vft", output, settings));
    while (child.isAlive() && lines(output.resolve(METRICS)) < 5) {
      Thread.sleep(5);
    }
    child.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    assertThat(output.resolve("training-state.safetensors")).as(Files.readString(log)).exists();
    String run = Files.readString(output.resolve("run.json"));
    Cli.Result refused = Cli.run(arguments("vft", output, "steps=7", "batch-size=2"));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("unfinished run with other settings");
    assertThat(Files.readString(output.resolve("run.json")))
        .as("a refused command does not change the run's record")
        .isEqualTo(run);
  }

  @Test
  void writtenCheckpointHoldsHuggingFaceNamesAndReloadsUnchanged() throws IOException {
    Path output = work.resolve("still");
    train("vft", output, "steps=1", "batch-size=4", "learning-rate=0");
    JsonNode before = header(model.resolve(WEIGHTS));
    JsonNode after = header(output.resolve(WEIGHTS));
    assertThat(after.path("__metadata__")).isEqualTo(Cli.MAPPER.readTree("{\"format\":\"pt\"}"));
    List<String> names = new ArrayList<>();
    after.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .contains(
            "model.embed_tokens.weight",
            "model.layers.0.self_attn.q_proj.weight",
            "model.layers.1.mlp.down_proj.weight",
            "model.norm.weight")
        .doesNotContain("lm_head.weight") // tied
        .allMatch(name -> name.equals("__metadata__") || name.startsWith("model."))
        .hasSize(1 + 2 + 2 * 9);
    assertThat(after).isEqualTo(before);
    assertThat(Files.readAllBytes(output.resolve(WEIGHTS)))
        .as("a learning rate of 0 changes nothing")
        .isEqualTo(Files.readAllBytes(model.resolve(WEIGHTS)));

    Path moved = work.resolve("moved");
    train("vft", moved, "steps=3", "batch-size=4");
    Path copy = work.resolve("copy");
    Cli.succeed(arguments("vft", copy, "model=" + moved, "steps=1", "learning-rate=0"));
    assertThat(Files.readAllBytes(score(copy))).isEqualTo(Files.readAllBytes(score(moved)));
    assertThat(Files.readAllBytes(score(moved))).isNotEqualTo(Files.readAllBytes(score(model)));
  }

  private Path score(Path scored) throws IOException {
    List<Map<String, String>> rows = new ArrayList<>();
    for (JsonNode row : Cli.rows(problems).subList(0, 5)) {
      rows.add(
          Map.of("prompt", row.path("question").asText(), "response", row.path("answer").asText()));
    }
    Path input = Cli.write(work.resolve("rows.jsonl"), rows);
    Path output = work.resolve("scores-" + scored.getFileName() + ".jsonl");
    Cli.succeed("score", "--model=" + scored, "--data=" + input, "--output=" + output);
    return output;
  }

  private static JsonNode header(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Cli.MAPPER.readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
  }

  private static void train(String objective, Path output, String... settings) {
    Cli.succeed(arguments(objective, output, settings));
  }

  /** Later pairs override earlier ones. */
  private static String[] arguments(String objective, Path output, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "model=" + model,
                "objective=" + objective,
                "data=" + (objective.equals("vft") ? problems : candidates),
                "output=" + output,
                "learning-rate=1e-3",
                "weight-decay=0.01"));
    arguments.addAll(Arrays.asList(settings));
    return arguments.toArray(String[]::new);
  }

  private static void sameBytes(Path a, Path b) throws IOException {
    assertThat(Files.readString(b.resolve(METRICS)))
        .isEqualTo(Files.readString(a.resolve(METRICS)));
    assertThat(Files.readAllBytes(b.resolve(WEIGHTS)))
        .isEqualTo(Files.readAllBytes(a.resolve(WEIGHTS)));
  }

  private static void sameCourse(Path a, Path b, double relative) throws IOException {
    List<JsonNode> expected = Cli.rows(a.resolve(METRICS));
    List<JsonNode> found = Cli.rows(b.resolve(METRICS));
    assertThat(found).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      for (Map.Entry<String, JsonNode> metric : expected.get(step).properties()) {
        double value = metric.getValue().asDouble();
        assertThat(found.get(step).path(metric.getKey()).asDouble(Double.NaN))
            .as("%s of step %d", metric.getKey(), step + 1)
            .isCloseTo(value, within(relative * Math.max(1, Math.abs(value))));
      }
    }
  }

  private static int lines(Path file) {
    try {
      return Files.readAllLines(file).size();
    } catch (IOException e) {
      return 0; // not there yet, or being replaced
    }
  }

  private static Process child(Path log, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.plumbline.alignment.cli.Main"));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }
}
