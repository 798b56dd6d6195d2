package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are interrupted, started twice, or find foreign files in their output. */
class RunSafetyTest {
  private static final String WEIGHTS = "model.safetensors";
  private static final String METRICS = "metrics.jsonl";

  @TempDir static Path shared;
  private static Path model;
  private static Path data;

  @TempDir Path work;

  @BeforeAll
  static void makeModel() {
    model = Cli.tinyModel(shared);
    data = shared.resolve("problems").resolve("train.jsonl");
  }

  private static String[] train(Path model, Path output, String... more) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("train", "model=" + model, "objective=vft", "data=" + data));
    all.addAll(List.of("output=" + output, "batch-size=2", "save-every=1000"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void anInterruptedRunSavesItsStepAndWritesTheSameBytes(String signal, int code) throws Exception {
    Assumptions.assumeFalse(
        Program.ignores(code - 128),
        "Skipped: SIG" + signal + " is ignored here, as under nohup, and stays ignored.");
    Path cut = work.resolve("cut");
    try (Program program = Program.start(work, train(model, cut, "steps=300"))) {
      assertThat(program.awaitLines(cut.resolve(METRICS), 3)).as(program.err()).isTrue();
      program.signal("STOP"); // so that it does not end too early
      program.signal(signal);
      program.signal("CONT");
      assertThat(program.await()).as(program.err()).isEqualTo(code);
      assertThat(program.err())
          .contains("SIG" + signal + ": finishing the step")
          .contains("Interrupted after step ")
          .contains("Run the same command again to resume.")
          .doesNotContain("failure");
    }
    assertThat(cut.resolve("training-state.safetensors")).exists();
    assertThat(cut.resolve("run.lock")).doesNotExist();
    assertThat(cut.resolve("result.json")).doesNotExist();
    Cli.succeed(train(model, cut, "steps=300"));
    Path whole = shared.resolve("whole");
    Cli.succeed(train(model, whole, "steps=300")); // once for all signals
    for (String file : List.of(WEIGHTS, METRICS, "metrics.csv", "data.json")) {
      assertThat(cut.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
    JsonNode result = Cli.MAPPER.readTree(cut.resolve("result.json").toFile());
    assertThat(result.path("resumed_from").asInt()).isPositive();
  }

  @Test
  void anOutputHasOneRun() throws Exception {
    Path output = work.resolve("once");
    try (Program program = Program.start(work, train(model, output, "steps=100000"))) {
      assertThat(program.awaitLines(output.resolve(METRICS), 1)).as(program.err()).isTrue();
      Cli.refused(
          "Another run writes " + output + " (process ", train(model, output, "steps=100000"));
      program.signal("KILL");
      program.await();
    }
    // The system has freed the lock, though its file is still there.
    assertThat(output.resolve("run.lock")).exists();
    Files.delete(output.resolve(METRICS)); // it was killed before its first state
    Files.delete(output.resolve("run.json"));
    Cli.succeed(train(model, output, "steps=1"));
    assertThat(output.resolve("run.lock")).doesNotExist();
  }

  @Test
  void aFinishedRunIsCheckedBeforeItCountsAsComplete() throws Exception {
    Path output = work.resolve("done");
    String[] run = train(model, output, "steps=2");
    Cli.succeed(run);
    assertThat(Cli.succeed(run)).contains("Already complete");
    Cli.refused("other settings", train(model, output, "steps=2", "dtype=BF16"));
    byte[] weights = Files.readAllBytes(output.resolve(WEIGHTS));
    weights[weights.length - 3] ^= 1;
    Files.write(output.resolve(WEIGHTS), weights);
    Cli.refused("model.safetensors has other content", run);
    Files.write(output.resolve(WEIGHTS), new byte[10]);
    Cli.refused("model.safetensors has 10 bytes instead of ", run);
    Files.delete(output.resolve("tokenizer.json"));
    Cli.refused("tokenizer.json is missing", run);
  }

  @Test
  void aResultWithoutWeightsIsRefused() throws Exception {
    Path made = work.resolve("made");
    String[] command = {
      "new-model",
      "tokenizer=" + shared.resolve("problems"),
      "output=" + made,
      "hidden-size=16",
      "intermediate-size=32",
      "layers=1",
      "heads=2",
      "kv-heads=1"
    };
    Cli.succeed(command);
    assertThat(Cli.succeed(command)).contains("Already complete");
    for (String damaged : List.of("{}", "{\"files\": {}}", "[]")) {
      Files.writeString(made.resolve("result.json"), damaged);
      Cli.refused("result.json lists no weights", command);
    }
    Files.writeString(made.resolve("result.json"), "{\"files\": ");
    Cli.refused("is damaged", command);
    // A model in shards, or of another program, is a model, too.
    for (String name : List.of("model-00001-of-00002.safetensors", "pytorch_model.bin")) {
      Path other = Files.createDirectories(work.resolve("other-" + name));
      Files.writeString(other.resolve(name), "weights");
      Cli.refused("contains a model (" + name + ")", train(model, other, "steps=1"));
    }
  }

  @Test
  void aRunKnowsTheConfigurationOfItsModel() throws Exception {
    Path own = work.resolve("own");
    copyTree(model, own);
    Path output = work.resolve("run");
    Cli.succeed(train(own, output, "steps=2"));
    Path adapter = work.resolve("adapter");
    Path merged = work.resolve("merged");
    Cli.succeed(train(own, adapter, "steps=1", "lora-rank=2"));
    Cli.succeed("merge", "model=" + adapter, "output=" + merged);
    Path config = own.resolve("config.json");
    Files.writeString(config, Files.readString(config).replaceAll("10000\\.0", "20000.0"));
    Cli.refused("other settings", train(own, output, "steps=2"));
    Cli.refused("other settings", "merge", "model=" + adapter, "output=" + merged);
  }

  @Test
  void promptsMayChangeAFinishedRun() {
    Path output = work.resolve("prompted");
    String[] run = train(model, output, "steps=1");
    Cli.succeed(run);
    Cli.succeed("prompts", "model=" + output, "form=alpaca");
    assertThat(Cli.succeed(run)).contains("Already complete");
  }

  @Test
  void noModelIsOverwritten() throws Exception {
    Path other = work.resolve("other");
    copyTree(model, other);
    Files.delete(other.resolve("run.json"));
    Files.delete(other.resolve("result.json"));
    byte[] before = Files.readAllBytes(other.resolve(WEIGHTS));
    Cli.refused("contains a model (config.json)", train(model, other, "steps=1"));
    Path adapter = work.resolve("adapter");
    Cli.succeed(train(model, adapter, "steps=1", "lora-rank=2"));
    Cli.refused("contains a model (config.json)", "merge", "model=" + adapter, "output=" + other);
    String[] made = {
      "new-model",
      "tokenizer=" + shared.resolve("problems"),
      "output=" + other,
      "hidden-size=16",
      "intermediate-size=32",
      "layers=1",
      "heads=2",
      "kv-heads=1"
    };
    Cli.refused("contains a model (config.json)", made);
    assertThat(Files.readAllBytes(other.resolve(WEIGHTS))).isEqualTo(before);
    // Its own result is written once.
    Path merged = work.resolve("merged");
    Cli.succeed("merge", "model=" + adapter, "output=" + merged);
    assertThat(Cli.succeed("merge", "model=" + adapter, "output=" + merged))
        .contains("Already complete");
    Cli.refused("other settings", "merge", "model=" + adapter, "output=" + merged, "dtype=BF16");
  }

  @Test
  void aRunIsTheSameHoweverItsPathsAreWritten() throws Exception {
    Path link = Files.createSymbolicLink(work.resolve("link"), model);
    Path output = work.resolve("typed");
    Cli.succeed(train(model, output, "steps=1"));
    Path here = Path.of("").toAbsolutePath();
    assertThat(Cli.succeed(train(link, here.relativize(output.toRealPath()), "steps=1")))
        .contains("Already complete");
  }

  @Test
  void aDamagedRowOfMetricsIsNamed() throws Exception {
    Path output = work.resolve("damaged");
    try (Program program =
        Program.start(work, train(model, output, "steps=100000", "save-every=4"))) {
      program.awaitLines(output.resolve(METRICS), 9);
      program.signal("KILL");
      program.await();
    }
    Path metrics = output.resolve(METRICS);
    List<String> lines = new ArrayList<>(Files.readAllLines(metrics));
    String third = lines.get(2);
    for (String bad :
        List.of(
            "{\"step\": 3.0, \"lo",
            "",
            "null",
            "{\"step\":3.0,\"loss\":null}",
            "{\"step\":4.0,\"loss\":1.0}")) {
      lines.set(2, bad);
      Files.write(metrics, lines);
      Cli.refused(
          "Row 3 of " + metrics + " is damaged",
          train(model, output, "steps=100000", "save-every=4"));
    }
    Files.delete(metrics);
    Cli.refused(
        "Row 1 of " + metrics + " is damaged or missing",
        train(model, output, "steps=100000", "save-every=4"));
    lines.set(2, third);
    Files.write(metrics, lines.subList(0, 3));
    Cli.refused("Row 4 of " + metrics, train(model, output, "steps=100000", "save-every=4"));
  }

  @Test
  void foreignFilesAmongSnapshotsAreLeftAlone() throws Exception {
    Path output = work.resolve("run");
    Path snapshots = Files.createDirectories(output.resolve("snapshots"));
    Files.writeString(snapshots.resolve("step-notes"), "mine");
    Files.writeString(snapshots.resolve("step-000001.bak"), "mine");
    Files.writeString(snapshots.resolve("step-000000"), "mine");
    Files.createDirectories(snapshots.resolve("step-000003"));
    Files.writeString(snapshots.resolve("step-000003").resolve("notes"), "mine");
    Cli.succeed(train(model, output, "steps=6", "snapshots=6", "keep=1"));
    for (String name : List.of("step-notes", "step-000001.bak", "step-000000")) {
      assertThat(snapshots.resolve(name)).hasContent("mine");
    }
    assertThat(snapshots.resolve("step-000003").resolve("notes")).hasContent("mine");
  }

  @Test
  void theModelMayBeDeletedDuringARun() throws Exception {
    Path gone = work.resolve("gone");
    copyTree(model, gone);
    Path output = work.resolve("orphan");
    try (Program program = Program.start(work, train(gone, output, "steps=150"))) {
      assertThat(program.awaitLines(output.resolve(METRICS), 1)).as(program.err()).isTrue();
      deleteTree(gone);
      assertThat(program.await()).as(program.err()).isZero();
    }
    for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json", WEIGHTS)) {
      assertThat(output.resolve(file)).exists();
    }
    Cli.succeed("generate", "model=" + output, "prompt=Question:", "max-tokens=2");
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
