package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
  void evaluateTakesTheFirstGroupsOfCandidates() throws IOException {
    Path candidates = Cli.candidates(problems, work.resolve("candidates.jsonl"), 6);
    List<List<String>> assessed = new ArrayList<>();
    for (int limit : new int[] {0, 4, 9}) {
      Path output = work.resolve("limit-" + limit);
      Cli.succeed(
          "evaluate",
          "model=" + model,
          "candidates=" + candidates,
          "limit=" + limit,
          "output=" + output);
      assessed.add(Files.readAllLines(output.resolve("assessment.jsonl")));
    }
    assertThat(assessed.get(0)).hasSize(6);
    assertThat(assessed.get(1)).isEqualTo(assessed.get(0).subList(0, 4));
    assertThat(assessed.get(2)).isEqualTo(assessed.get(0));
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
