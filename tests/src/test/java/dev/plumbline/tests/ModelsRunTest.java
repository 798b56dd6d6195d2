package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for models: plans, benchmarks, prompt templates and shapes. */
class ModelsRunTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir static Path shared;
  private static Path model;
  private static Path rows;

  @TempDir Path work;

  @BeforeAll
  static void makeModelAndData() {
    model = Cli.tinyModel(shared);
    rows = shared.resolve("problems").resolve("train.jsonl");
  }

  @Test
  void aPlanHasEveryWay() throws IOException {
    String text = Cli.succeed("plan", "model=llama-2-7b", "objective=dpo", "batch-size=4");
    assertThat(text)
        .contains("6,738,415,616 parameters, BF16")
        .contains("1 x 4 rows")
        .contains("train lora-rank=8 activation-checkpointing")
        .contains("generate, 16 sequences")
        .contains("This machine at best, measured");
    JsonNode json = Cli.MAPPER.readTree(Cli.succeed("plan", "model=" + model, "--json"));
    assertThat(json.path("ways")).hasSize(7);
    for (JsonNode way : json.path("ways")) {
      assertThat(way.path("peak_bytes").asLong()).isGreaterThan(1 << 20);
      assertThat(way.path("fits").asBoolean()).isTrue();
      assertThat(way.path("tokens_per_second").asDouble()).isPositive();
    }
  }

  @Test
  void aModelIsMeasuredAndComparedWithItsPlan() throws IOException {
    JsonNode json =
        Cli.MAPPER.readTree(Cli.succeed("bench", "model=" + model, "steps=2", "--json"));
    assertThat(json.path("workloads").findValuesAsText("workload"))
        .containsExactly("generate-1", "generate-8", "score", "lora-step");
    for (JsonNode workload : json.path("workloads")) {
      assertThat(workload.path("seconds").asDouble()).isPositive();
      assertThat(workload.path("plannedSeconds").asDouble()).isPositive();
      assertThat(workload.path("flopsShare").asDouble()).isBetween(0.0, 1.5);
      assertThat(workload.path("peakBytes").asLong()).isGreaterThan(1 << 20);
    }
  }

  /** A template is chosen once; models trained from this one have it, and plain rows use it. */
  @Test
  void aPromptTemplateIsStoredWithTheModel() throws IOException {
    Path own = copyOf(model);
    assertThat(Cli.succeed("prompts", "model=" + own)).contains("form: plain");
    String shown = Cli.succeed("prompts", "model=" + own, "form=alpaca", "question=Why?");
    assertThat(shown).contains("form: alpaca").doesNotContain("Question");
    Path trained = work.resolve("trained");
    Cli.succeed(
        "train", "model=" + own, "objective=vft", "data=" + rows, "output=" + trained, "steps=2");
    assertThat(Cli.succeed("prompts", "model=" + trained)).contains("form: alpaca");
    assertThat(Cli.MAPPER.readTree(trained.resolve("run.json").toFile()).path("prompts").asText())
        .contains("### Instruction:");
    String plain = firstTokens(Cli.succeed("inspect", "model=" + model, "data=" + rows));
    String framed = firstTokens(Cli.succeed("inspect", "model=" + trained, "data=" + rows));
    assertThat(plain).startsWith("<s>Question:").endsWith("Answer:");
    String question =
        plain.substring("<s>Question: ".length(), plain.length() - "\\nAnswer:".length());
    assertThat(framed)
        .startsWith("<s>Below is an instruction")
        .endsWith("### Instruction:\\n" + question + "\\n\\n### Response:");
    assertThat(Cli.succeed("prompts", "model=" + own, "form=plain")).contains("form: plain");
    assertThat(firstTokens(Cli.succeed("inspect", "model=" + own, "data=" + rows)))
        .isEqualTo(plain);
  }

  /** The text of the first block of tokens. */
  private static String firstTokens(String inspected) {
    StringBuilder text = new StringBuilder();
    for (String line : inspected.split("\n\n")[1].split("\n")) {
      int from = line.indexOf('\'');
      if (from >= 0) {
        text.append(line, from + 1, line.length() - 1);
      }
    }
    return text.toString();
  }

  @Test
  void aNewModelTakesTheShapeOfAnyConfiguration() throws IOException {
    ObjectNode json = (ObjectNode) Cli.MAPPER.readTree(model.resolve("config.json").toFile());
    json.put("model_type", "mistral").put("sliding_window", 16);
    json.putArray("architectures").add("MistralForCausalLM");
    Path file = work.resolve("mistral.json");
    Files.writeString(file, json.toString());
    Path made = work.resolve("made");
    Cli.succeed("new-model", "tokenizer=" + model, "architecture=" + file, "output=" + made);
    JsonNode config = Cli.MAPPER.readTree(made.resolve("config.json").toFile());
    assertThat(config.path("sliding_window").asInt()).isEqualTo(16);
    assertThat(Cli.succeed("plan", "model=" + made)).contains("F32 in their files");
    json.put("vocab_size", 10);
    Files.writeString(file, json.toString());
    Cli.Result refused =
        Cli.run("new-model", "tokenizer=" + model, "architecture=" + file, "output=" + made);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("The vocabulary has 10 rows");
  }

  /** A new model has the end tokens of its tokenizer. */
  @Test
  void aNewModelEndsAsItsTokenizerDoes() throws IOException {
    Path own = copyOf(model);
    ObjectNode json =
        (ObjectNode) Cli.MAPPER.readTree(own.resolve("tokenizer_config.json").toFile());
    json.putObject("bos_token").put("content", "</s>");
    json.put("eos_token", "<s>");
    Files.writeString(own.resolve("tokenizer_config.json"), json.toString());
    Path made = work.resolve("ends");
    Cli.succeed("new-model", "tokenizer=" + own, "output=" + made, "layers=1");
    JsonNode config = Cli.MAPPER.readTree(made.resolve("config.json").toFile());
    assertThat(config.path("bos_token_id").asInt()).isEqualTo(2);
    assertThat(config.path("eos_token_id").asInt()).isEqualTo(1);
  }

  @Test
  void aModelWhoseMatricesExceedABufferCannotBeTrainedWhole() throws IOException {
    JsonNode json = Cli.MAPPER.readTree(Cli.succeed("plan", "model=qwen2.5-7b", "--json"));
    assertThat(json.path("ways").get(0).path("fits").asBoolean()).isFalse();
    assertThat(Cli.succeed("plan", "model=qwen2.5-7b")).contains("not trained as a whole");
  }

  /** Recomputing layers changes no byte, so that a run may resume with or without it. */
  @Test
  void activationCheckpointingTrainsTheSameModel() throws IOException {
    Path kept = work.resolve("kept");
    Path again = work.resolve("again");
    for (Path output : List.of(kept, again)) {
      Cli.succeed(
          "train",
          "model=" + model,
          "objective=vft",
          "data=" + rows,
          "output=" + output,
          "steps=4",
          "batch-size=4",
          "accumulate=2",
          "activation-checkpointing=" + output.equals(again));
    }
    assertThat(again.resolve(WEIGHTS)).hasSameBinaryContentAs(kept.resolve(WEIGHTS));
    assertThat(again.resolve("metrics.jsonl"))
        .hasSameBinaryContentAs(kept.resolve("metrics.jsonl"));
  }

  private Path copyOf(Path directory) throws IOException {
    Path copy = Files.createDirectories(work.resolve("copy"));
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }
}
