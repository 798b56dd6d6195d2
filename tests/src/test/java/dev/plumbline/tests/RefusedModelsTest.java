package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Models that every command refuses by name, and end tokens that the commands show. */
class RefusedModelsTest {
  @TempDir Path work;
  private Path model;
  private Path problems;
  private Path pairs;
  private Path rows;

  @BeforeEach
  void makeModel() throws IOException {
    model = Cli.tinyModel(work);
    problems = work.resolve("problems").resolve("train.jsonl");
    pairs =
        Cli.write(
            work.resolve("pairs.jsonl"),
            List.of(
                Map.of("prompt", "Question: 1 + 1?\nAnswer:", "chosen", " 2", "rejected", " 3")));
    rows =
        Cli.write(
            work.resolve("rows.jsonl"),
            List.of(Map.of("prompt", "Question: 1 + 1?\nAnswer:", "response", " 2")));
  }

  private Path copy(String name) throws IOException {
    Path copy = Files.createDirectories(work.resolve(name));
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  @Test
  void aReferenceWithAnotherTokenizerIsRefused() throws IOException {
    Path other = copy("other");
    Path file = other.resolve("tokenizer.json");
    ObjectNode json = (ObjectNode) Cli.MAPPER.readTree(file.toFile());
    ObjectNode vocabulary = (ObjectNode) json.path("model").path("vocab");
    int a = vocabulary.path("a").asInt();
    vocabulary.put("a", vocabulary.path("b").asInt()).put("b", a);
    Files.writeString(file, json.toString());
    String words = "differ: id " + a + " is 'a' in one and 'b' in the other";
    String[] common = {"model=" + model, "reference=" + other, "data=" + pairs};
    Cli.refused(words, with(common, "objective", "name=dpo", "reference-cache=off"));
    Cli.refused(words, with(common, "train", "objective=dpo", "output=" + work.resolve("run")));
    Cli.refused(words, with(common, "train", "objective=tdpo1", "output=" + work.resolve("run")));
    assertThat(work.resolve("run")).doesNotExist();
    Cli.refused(
        words,
        "estimate",
        "positive=" + model,
        "negative=" + other,
        "data=" + pairs,
        "output=" + work.resolve("out.jsonl"));
    // The same vocabulary in another file is the same tokenizer.
    Path same = copy("same");
    Files.writeString(
        same.resolve("tokenizer.json"),
        Cli.MAPPER.readTree(model.resolve("tokenizer.json").toFile()).toPrettyString());
    Cli.succeed("objective", "name=dpo", "model=" + model, "reference=" + same, "data=" + pairs);
  }

  private static String[] with(String[] more, String... first) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void weightsThatAreNotFiniteAreRefusedByEveryCommand() throws IOException {
    Path broken = copy("broken");
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    try (SafetensorsReader reader = SafetensorsReader.open(broken)) {
      reader.entries().keySet().forEach(name -> tensors.put(name, reader.read(name)));
    }
    String name = "model.layers.1.mlp.up_proj.weight";
    tensors.get(name).putScalar(5, Float.NaN);
    SafetensorsWriter.write(
        broken.resolve("model.safetensors"), tensors, Dtype.F32, Map.of("format", "pt"));
    String words = "holds tensor '" + name + "' whose value 5 is NaN";
    String from = "model=" + broken;
    String out = "output=" + work.resolve("out");
    Cli.refused(words, "score", from, "data=" + rows, out);
    Cli.refused(words, "objective", "name=vft", from, "data=" + rows);
    Cli.refused(words, "train", "objective=vft", from, "data=" + rows, out);
    Cli.refused(words, "generate", from, "prompt=Question:", "max-tokens=1");
    Cli.refused(words, "sample", from, "data=" + problems, out, "candidates=1", "limit=1");
    Cli.refused(words, "evaluate", from, "data=" + problems, "limit=1");
    Cli.refused(words, "inspect", from, "data=" + rows);
    Cli.refused(words, "pairs", from, "data=" + problems, out, "limit=1");
    // The output was checked before the work, which leaves at most an empty directory.
    assertThat(work.resolve("out").toFile().list()).isNullOrEmpty();
  }

  @Test
  void commandsShowWhereTheEndsComeFrom() throws IOException {
    String inspect = Cli.succeed("inspect", "model=" + model, "data=" + rows);
    assertThat(inspect)
        .contains("' (tokenizer_config.json); prompts begin with it (tokenizer_config.json)")
        .contains("end of a response: ")
        .contains("appended to responses in training");
    Path other = copy("ends");
    Files.writeString(other.resolve("generation_config.json"), "{\"eos_token_id\": [2, 7]}");
    String doctor = Cli.run("doctor", "model=" + other).out();
    assertThat(doctor).contains("end of a response: 7 '").contains("(generation_config.json)");
    // A prompt that ends in the middle of a word keeps its ids.
    Path half =
        Cli.write(
            work.resolve("half.jsonl"),
            List.of(
                Map.of("prompt", "Question: Ann has 3 pen", "response", "s."),
                Map.of("prompt", "Question: How many pens?\nAnswer:", "response", " 2")));
    assertThat(Cli.succeed("inspect", "model=" + model, "data=" + half))
        .contains("begins with other ids than the prompt in 1 of 2 rows of the file (1)");
  }
}
