package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generation through the commands: fused and composed operations write the same greedy text. */
class GenerationRunTest {
  @TempDir static Path shared;
  private static Path model;
  private static Path problems;

  @TempDir Path work;

  @BeforeAll
  static void makeModel() {
    model = Cli.tinyModel(shared);
    problems = shared.resolve("problems").resolve("test.jsonl");
  }

  @Test
  void generate() throws IOException {
    for (String prompt : List.of("", "Tom has", "How many apples are there in all?")) {
      JsonNode fused = generate("fused", prompt);
      JsonNode composed = generate("composed", prompt);
      assertThat(fused.path("token_ids")).hasSizeGreaterThan(1);
      assertThat(composed).as(prompt).isEqualTo(fused);
    }
  }

  private static JsonNode generate(String ops, String prompt) throws IOException {
    return Cli.MAPPER.readTree(
        Cli.succeed(
            "generate",
            "--model=" + model,
            "--prompt=" + prompt,
            "--max-tokens=40",
            "--json",
            "--ops=" + ops));
  }

  @Test
  void evaluate() throws IOException {
    for (String ops : List.of("fused", "composed")) {
      Cli.succeed(
          "evaluate",
          "--model=" + model,
          "--data=" + problems,
          "--max-tokens=20",
          "--output=" + work.resolve(ops),
          "--ops=" + ops);
    }
    assertThat(work.resolve("composed").resolve("predictions.jsonl"))
        .hasSameTextualContentAs(work.resolve("fused").resolve("predictions.jsonl"));
  }

  @Test
  void sample() throws IOException {
    Path output = work.resolve("candidates.jsonl");
    Cli.succeed(
        "sample",
        "--model=" + model,
        "--data=" + problems,
        "--limit=4",
        "--candidates=3",
        "--max-tokens=10",
        "--output=" + output,
        "--ops=composed");
    assertThat(Files.readAllLines(output)).hasSize(4);
  }
}
