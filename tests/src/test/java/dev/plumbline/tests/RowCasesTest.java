package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.python.Execution;
import dev.plumbline.alignment.python.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows, problems and programs of {@code shared/cases} that once failed; skipped if it is absent.
 */
class RowCasesTest {
  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(strings = {"aft-none", "aft-bc", "rrhf", "pro"})
  void d01EmptyCandidateGroup(String objective) throws IOException {
    String name = "d01-empty-candidate-group";
    Path data = CasesTest.shared(name).resolve("data.jsonl");
    Path model = CasesTest.stories(work.resolve("d01"));
    Cli.Result train =
        Cli.run(
            "train",
            "model=" + model,
            "objective=" + objective,
            "data=" + data,
            "output=" + work.resolve("run"),
            "batch-size=1",
            "epochs=1");
    assertThat(train.code()).as(train.err()).isIn(0, 2);
    if (train.code() == 2) {
      assertThat(train.err()).contains(data.toString(), "1");
    }
    Path other = CasesTest.shared("faults").resolve("empty-candidates-pro-rrhf.jsonl");
    Cli.Result value = Cli.run("objective", "name=" + objective, "model=" + model, "data=" + other);
    assertThat(value.code()).as(value.err()).isIn(0, 2);
  }

  /**
   * The other checkpoint of the case is not available; the same one with two exchanged words
   * replaces it.
   */
  @Test
  void d02ReferenceOfAnotherTokenizer() throws IOException {
    Path data = CasesTest.shared("d02-reference-of-another-tokenizer").resolve("data.jsonl");
    Path model = CasesTest.stories(work.resolve("own"));
    Path other = CasesTest.stories(work.resolve("other"));
    Path file = other.resolve("tokenizer.json");
    ObjectNode json = (ObjectNode) Cli.MAPPER.readTree(file.toFile());
    ObjectNode vocabulary = (ObjectNode) json.path("model").path("vocab");
    List<String> words = new ArrayList<>();
    vocabulary.fieldNames().forEachRemaining(words::add);
    String a = words.get(400);
    String b = words.get(401);
    int id = vocabulary.path(a).asInt();
    vocabulary.put(a, vocabulary.path(b).asInt()).put(b, id);
    Files.writeString(file, json.toString());
    Cli.refused(
        "tokenizers of",
        "objective",
        "name=dpo",
        "model=" + model,
        "reference=" + other,
        "data=" + data,
        "reference-cache=off");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "d03-trl-conversational/data.jsonl, dpo, conversational",
        "d05-sft-forms/data.jsonl, vft, messages",
        "d07-json-array/data.json, dpo, array",
        "d08-parquet/data.parquet, dpo, Parquet"
      })
  void rowsOfOtherForms(String fileObjectiveWord) throws IOException {
    String[] parts = fileObjectiveWord.split(", ");
    Cli.Result result =
        Cli.run(
            "objective",
            "name=" + parts[1],
            "model=" + CasesTest.stories(work.resolve("rows")),
            "data=" + CasesTest.shared(parts[0]),
            "reference-cache=off");
    assertThat(result.code()).as(result.err()).isIn(0, 2);
    if (result.code() == 2) {
      assertThat(result.err()).containsIgnoringCase(parts[2]).doesNotContain("REDACTED");
    }
  }

  @Test
  void problemsOfOtherForms() throws IOException {
    Path out = work.resolve("mixed.jsonl");
    Cli.succeed(
        "mix",
        "data=" + CasesTest.shared("d10-mmlu-header").resolve("x_test.csv"),
        "output=" + out);
    assertThat(Cli.rows(out)).hasSize(1);
    Path array = CasesTest.shared("d12-gsm8k-array-message").resolve("data.json");
    Cli.Result result = Cli.run("mix", "data=" + array, "output=" + work.resolve("array.jsonl"));
    assertThat(result.code()).as(result.err()).isIn(0, 2);
    assertThat(result.err()).doesNotContain("SVAMP");
    Cli.refused(
        "svamp-1e999.json",
        "mix",
        "data=" + CasesTest.shared("faults").resolve("svamp-1e999.json"),
        "output=" + work.resolve("infinite.jsonl"));
  }

  @Test
  void rowsToScore() throws IOException {
    Path model = CasesTest.stories(work.resolve("score"));
    Path faults = CasesTest.shared("faults");
    Path out = work.resolve("out.jsonl");
    Cli.refused(
        "prompt_ids",
        "score",
        "model=" + model,
        "data=" + faults.resolve("score-float-id.jsonl"),
        "output=" + out);
    Cli.refused(
        "response_mask",
        "score",
        "model=" + model,
        "data=" + faults.resolve("score-mask-ignored.jsonl"),
        "output=" + out);
  }

  @Test
  void codeCannotForgeAnswers() throws Exception {
    boolean there;
    try {
      there = new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      there = false;
    }
    Assumptions.assumeTrue(there, "Skipped: there is no python3 on the PATH.");
    JsonNode solutions =
        Cli.MAPPER.readTree(CasesTest.shared("faults").resolve("python3-forge.json").toFile());
    try (Python python = Python.start(Python.Kind.PYTHON3, Python.DEADLINE)) {
      for (JsonNode solution : solutions) {
        List<String> blocks = new ArrayList<>();
        solution.path("blocks").forEach(block -> blocks.add(block.asText()));
        Execution execution = python.run(blocks);
        String name = solution.path("name").asText();
        if (name.equals("forge")) {
          assertThat(execution.output()).contains("real");
        } else {
          assertThat(execution).isEqualTo(new Execution(name, Execution.Status.OK));
        }
      }
    }
  }
}
