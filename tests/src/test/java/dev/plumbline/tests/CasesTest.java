package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Models, adapters and templates of {@code shared/cases} that once failed, each with its correct
 * value; skipped if the directory is absent. {@link RowCasesTest} has the rows; {@code
 * GradedPairsTest} of the module data covers graded answers.
 */
class CasesTest {
  private static final double TOLERANCE = 0.005;

  @TempDir Path work;

  static Path shared(String name) {
    return Cli.shared("cases/" + name);
  }

  private static JsonNode expected(String name) throws IOException {
    return Cli.MAPPER.readTree(shared(name).resolve("expected.json").toFile());
  }

  /** A writable copy of a directory. */
  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return to;
  }

  static Path stories(Path to) throws IOException {
    return copy(Cli.shared("models/stories260K"), to);
  }

  private JsonNode score(Path model, Path rows) throws IOException {
    Path out = work.resolve("scores.jsonl");
    Files.deleteIfExists(out);
    Cli.succeed("score", "model=" + model, "data=" + rows, "output=" + out);
    return Cli.rows(out).get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a02-rslora", "a03-target-regex", "a06-modules-to-save"})
  void adapters(String name) throws IOException {
    Path adapter = adapter(name);
    assertThat(score(adapter, shared(name).resolve("score.jsonl")).path("sum").asDouble())
        .isCloseTo(expected(name).path("sum").asDouble(), within(TOLERANCE));
  }

  private Path adapter(String name) throws IOException {
    Path adapter = copy(shared(name), work.resolve(name));
    Path file = adapter.resolve("adapter_config.json");
    ObjectNode json = (ObjectNode) Cli.MAPPER.readTree(file.toFile());
    json.put("base_model_name_or_path", Cli.shared("models/stories260K").toString());
    Files.writeString(file, json.toString());
    return adapter;
  }

  @Test
  void a01InitialisationOfTheBase() throws IOException {
    String name = "a01-pissa";
    Cli.refused(
        "init_lora_weights is 'pissa'",
        "score",
        "model=" + adapter(name),
        "data=" + shared(name).resolve("score.jsonl"),
        "output=" + work.resolve("out.jsonl"));
  }

  @Test
  void m01LeadingSpace() throws IOException {
    JsonNode row =
        score(stories(work.resolve("m01")), shared("m01-leading-space").resolve("score.jsonl"));
    JsonNode right = expected("m01-leading-space");
    assertThat(row.path("token_ids")).isEqualTo(right.path("token_ids"));
    assertThat(row.path("sum").asDouble())
        .isCloseTo(right.path("sum").asDouble(), within(TOLERANCE));
  }

  private Path configured(String name) throws IOException {
    Path model = stories(work.resolve(name));
    Files.write(
        model.resolve("config.json"), Files.readAllBytes(shared(name).resolve("config.json")));
    return model;
  }

  /**
   * The row has no space before its response, but the expected value belongs to ids with one, which
   * a dummy prefix adds. The ids are given here, so that the case tests BOS only.
   */
  @Test
  void m02BosNotInConfig() throws IOException {
    String name = "m02-bos-not-in-config";
    ObjectNode row = (ObjectNode) Cli.rows(shared(name).resolve("score.jsonl")).get(0);
    row.set("response_ids", expected("m01-leading-space").path("token_ids"));
    Path rows = Files.writeString(work.resolve("rows.jsonl"), row + "\n");
    assertThat(score(configured(name), rows).path("sum").asDouble())
        .isCloseTo(expected(name).path("sum").asDouble(), within(TOLERANCE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"m03-partial-rotary-v5, partial_rotary_factor", "m04-longrope-message, longrope"})
  void configurationsRefusedByName(String nameAndWord) throws IOException {
    String[] parts = nameAndWord.split(", ");
    Cli.refused(
        parts[1],
        "score",
        "model=" + configured(parts[0]),
        "data=" + shared("m03-partial-rotary-v5").resolve("score.jsonl"),
        "output=" + work.resolve("out.jsonl"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m05-pretraining-tp", "m07-eos-only-in-tokenizer"})
  void configurationsThatChangeNothing(String name) throws IOException {
    assertThat(score(configured(name), shared(name).resolve("score.jsonl")).path("sum").asDouble())
        .isCloseTo(expected(name).path("sum").asDouble(), within(TOLERANCE));
  }

  @Test
  void m08EndsInTheGenerationConfig() throws IOException {
    String name = "m08-generation-config-eos-list";
    Path model = stories(work.resolve(name));
    Files.write(
        model.resolve("generation_config.json"),
        Files.readAllBytes(shared(name).resolve("generation_config.json")));
    JsonNode found =
        Cli.MAPPER.readTree(
            Cli.succeed(
                "generate",
                "model=" + model,
                "prompt=Once upon a time, there was a little girl named Lily.",
                "max-tokens=12",
                "json=true"));
    assertThat(found.path("token_ids")).isEqualTo(expected(name).path("token_ids"));
    assertThat(found.path("finish_reason")).isEqualTo(expected(name).path("finish_reason"));
  }

  private static Map<String, INDArray> tensors(Path model) {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    try (SafetensorsReader reader = SafetensorsReader.open(model)) {
      reader.entries().keySet().forEach(name -> tensors.put(name, reader.read(name)));
    }
    return tensors;
  }

  private static void writeShards(Path model, Map<String, INDArray> tensors) {
    Map<String, SafetensorsWriter.Tensor> all = new LinkedHashMap<>();
    tensors.forEach((name, array) -> all.put(name, SafetensorsWriter.Tensor.of(name, array)));
    SafetensorsWriter.writeSharded(model, all, Dtype.F32, Map.of("format", "pt"), 600_000);
  }

  @Test
  void m09SingleFileBesideOldShards() throws IOException {
    Path model = stories(work.resolve("m09"));
    byte[] single = Files.readAllBytes(model.resolve("model.safetensors"));
    Map<String, INDArray> old = tensors(model);
    old.values().forEach(tensor -> tensor.muli(0.9));
    writeShards(model, old);
    assertThat(model.resolve("model.safetensors.index.json")).exists();
    Files.write(model.resolve("model.safetensors"), single);
    String name = "m09-single-file-beside-old-shards";
    assertThat(score(model, shared(name).resolve("score.jsonl")).path("sum").asDouble())
        .isCloseTo(expected(name).path("or sum").asDouble(), within(TOLERANCE));
  }

  @Test
  void m10IndexNamesTensorsInNoShard() throws IOException {
    Path model = stories(work.resolve("m10"));
    writeShards(model, tensors(model));
    Path index = model.resolve("model.safetensors.index.json");
    ObjectNode json = (ObjectNode) Cli.MAPPER.readTree(index.toFile());
    String shard = json.path("weight_map").elements().next().asText();
    ((ObjectNode) json.path("weight_map"))
        .put("lm_head.weight", shard)
        .put("model.layers.0.self_attn.rotary_emb.inv_freq", shard);
    Files.writeString(index, json.toString());
    String name = "m10-index-names-tied-head";
    assertThat(
            score(model, shared("m05-pretraining-tp").resolve("score.jsonl"))
                .path("sum")
                .asDouble())
        .isCloseTo(expected(name).path("sum").asDouble(), within(TOLERANCE));
  }

  @Test
  void m11WeightsThatAreNotANumber() throws IOException {
    Path model = stories(work.resolve("m11"));
    Map<String, INDArray> tensors = tensors(model);
    tensors.get("model.norm.weight").assign(Float.NaN);
    SafetensorsWriter.write(
        model.resolve("model.safetensors"), tensors, Dtype.F32, Map.of("format", "pt"));
    Path rows = shared("m11-nan-weights").resolve("score.jsonl");
    String from = "model=" + model;
    String out = "output=" + work.resolve("out");
    Cli.refused("model.norm.weight", "score", from, "data=" + rows, out);
    Cli.refused("model.norm.weight", "objective", "name=vft", from, "data=" + rows);
    Cli.refused("model.norm.weight", "train", "objective=vft", from, "data=" + rows, out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"c01-generation-tag", "c02-think-in-generation-prompt"})
  void chatTemplates(String name) throws IOException {
    Path model = stories(work.resolve(name));
    Files.write(
        model.resolve("chat_template.jinja"),
        Files.readAllBytes(shared(name).resolve("chat_template.jinja")));
    String shown =
        Cli.succeed("prompts", "model=" + model, "form=chat", "question=What is 6 times 7?");
    String prompt = shown.substring(shown.indexOf("prompt,"), shown.indexOf("response,"));
    StringBuilder text = new StringBuilder();
    for (String line : prompt.lines().skip(1).toList()) {
      if (line.contains("'")) {
        String token = line.substring(line.indexOf('\'') + 1, line.lastIndexOf('\''));
        text.append(token.replace("\\n", "\n"));
      }
    }
    String wanted = expected(name).path("prompt").asText();
    // The tokenizer's dummy prefix, after BOS if the template has one.
    assertThat(text.toString().replaceFirst("^(<s>)? ", "$1")).isEqualTo(wanted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat-bigout", "chat-deep-if", "chat-deep-parens", "chat-loop"})
  void hostileTemplates(String name) throws IOException {
    Path model = stories(work.resolve(name));
    Files.write(
        model.resolve("tokenizer_config.json"),
        Files.readAllBytes(shared("faults").resolve(name).resolve("tokenizer_config.json")));
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          Cli.Result result = Cli.run("prompts", "model=" + model, "form=chat");
          assertThat(result.code()).as(result.err()).isIn(0, 2);
          assertThat(result.err()).doesNotContain("StackOverflow", "\tat ", "failure");
        });
  }

  @Test
  void hostileTokenizer() throws IOException {
    Path folder = shared("faults").resolve("tokenizer-charsmap");
    Path model = stories(work.resolve("charsmap"));
    Files.write(
        model.resolve("tokenizer.json"), Files.readAllBytes(folder.resolve("tokenizer.json")));
    Cli.refused(
        "tokenizer.json",
        "score",
        "model=" + model,
        "data=" + folder.resolve("input.jsonl"),
        "output=" + work.resolve("out.jsonl"));
  }
}
