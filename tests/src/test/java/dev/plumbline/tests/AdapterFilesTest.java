package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Low-rank adapters as PEFT's files, and the commands that write, use and merge them. */
class AdapterFilesTest {
  @TempDir Path work;

  @Test
  void namesAndShapesAreThoseOfPeft() {
    Lora.Settings some = new Lora.Settings(3, 7, 0.05, List.of("q_proj", "down_proj"));
    try (Lora lora = LoraTest.trained(some)) {
      lora.write(work, Path.of("base"), Dtype.F32);
    }
    try (SafetensorsReader reader = SafetensorsReader.open(work.resolve(Lora.WEIGHTS))) {
      Map<String, List<Long>> found = new LinkedHashMap<>();
      reader.entries().forEach((name, e) -> found.put(name, List.of(e.shape()[0], e.shape()[1])));
      Map<String, List<Long>> expected = new LinkedHashMap<>();
      for (int layer = 0; layer < 2; layer++) {
        String p = "base_model.model.model.layers." + layer;
        expected.put(p + ".self_attn.q_proj.lora_A.weight", List.of(3L, 32L));
        expected.put(p + ".self_attn.q_proj.lora_B.weight", List.of(32L, 3L));
        expected.put(p + ".mlp.down_proj.lora_A.weight", List.of(3L, 48L));
        expected.put(p + ".mlp.down_proj.lora_B.weight", List.of(32L, 3L));
      }
      assertThat(found).containsExactlyInAnyOrderEntriesOf(expected);
    }
    JsonNode config = json(work);
    assertThat(config.path("peft_type").asText()).isEqualTo("LORA");
    assertThat(config.path("task_type").asText()).isEqualTo("CAUSAL_LM");
    assertThat(config.path("r").asInt()).isEqualTo(3);
    assertThat(config.path("lora_alpha").isIntegralNumber()).isTrue();
    assertThat(config.path("lora_dropout").asDouble()).isEqualTo(0.05);
    assertThat(config.path("target_modules").toString()).isEqualTo("[\"q_proj\",\"down_proj\"]");
    assertThat(config.path("base_model_name_or_path").asText()).endsWith("/base");
  }

  @Test
  void writtenAdaptersAreReadBack() {
    try (Lora lora = LoraTest.trained(LoraTest.ALL)) {
      lora.write(work, Path.of("base"), Dtype.F32);
      try (Lora again = Lora.read(work, LoraTest.CONFIG)) {
        assertThat(again.settings()).isEqualTo(lora.settings());
        lora.arrays()
            .forEach(
                (name, array) ->
                    assertThat(LoraTest.values(again.arrays().get(name)))
                        .containsExactly(LoraTest.values(array)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "use_dora, true, lora_magnitude_vector",
    "modules_to_save, '[\"lm_head\"]', modules_to_save",
    "rank_pattern, '{\"q_proj\": 4}', 'its shape must be [4, 32]'",
    "rank_pattern, '{\"(\": 4}', 'in rank_pattern: ('",
    "bias, '\"some\"', bias must be",
    "peft_type, '\"IA3\"', IA3",
    "target_modules, '\"proj\"', target_modules",
    "target_modules, '[\"wqkv\"]', no linear layer wqkv",
    "r, 4, 'its shape must be [4, 32]'",
    "r, 0, 'r must be a whole number > 0, but is 0'",
    "target_modules, '[\"q_proj\"]', which the description"
  })
  void refusesByName(String key, String value, String message) throws IOException {
    try (Lora lora = LoraTest.trained(LoraTest.ALL)) {
      lora.write(work, Path.of("base"), Dtype.F32);
    }
    ObjectNode config = (ObjectNode) json(work);
    config.set(key, Cli.MAPPER.readTree(value));
    Files.writeString(work.resolve(Lora.CONFIG), config.toString());
    assertThatThrownBy(() -> Lora.read(work, LoraTest.CONFIG))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  static JsonNode json(Path adapter) {
    try {
      return Cli.MAPPER.readTree(adapter.resolve(Lora.CONFIG).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The commands: train, resume, use and merge; and a base that was deleted. */
  @Test
  void fromTrainingToAMergedModel() throws IOException {
    Path base = Cli.tinyModel(work);
    Path problems = work.resolve("problems");
    List<String> train =
        List.of(
            "train",
            "model=" + base,
            "objective=vft",
            "data=" + problems.resolve("train.jsonl"),
            "learning-rate=1e-2",
            "batch-size=8",
            "lora-rank=4",
            "lora-dropout=0.1",
            "lora-targets=q_proj,v_proj,down_proj");
    Path adapter = work.resolve("adapter");
    Cli.succeed(with(train, "output=" + adapter, "steps=6"));
    assertThat(adapter.resolve(Lora.CONFIG)).isRegularFile();
    assertThat(adapter.resolve("model.safetensors")).doesNotExist();
    double[] losses = Cli.column(Cli.rows(adapter.resolve("metrics.jsonl")), "loss");
    assertThat(losses[5]).isLessThan(losses[0]);

    Path merged = work.resolve("merged");
    Cli.succeed("merge", "model=" + adapter, "output=" + merged);
    assertThat(score(merged)).isEqualTo(score(adapter));
    assertThat(score(merged)).isNotEqualTo(score(base));

    Cli.refused("nothing to merge", "merge", "model=" + base, "output=" + work.resolve("x"));
    Cli.refused("lora-rank is 0", with(train, "output=" + work.resolve("y"), "lora-rank=0"));
    Files.move(base, work.resolve("moved"));
    Cli.refused(
        "belongs to the base model " + base,
        "merge",
        "model=" + adapter,
        "output=" + work.resolve("x"));
  }

  private static String[] with(List<String> arguments, String... more) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private List<JsonNode> score(Path model) throws IOException {
    Path input =
        Cli.write(
            work.resolve("input.jsonl"),
            List.of(Map.of("prompt", "Question: Ann has 3 pens.", "response", " She has 3.")));
    Path output = work.resolve("scores.jsonl");
    Cli.succeed("score", "model=" + model, "data=" + input, "output=" + output);
    return Cli.rows(output);
  }
}
