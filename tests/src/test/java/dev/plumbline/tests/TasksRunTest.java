package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Problems of every task through sample, rft, mix, train, evaluate and grade. */
class TasksRunTest {
  @TempDir static Path shared;
  private static Path model;

  @TempDir Path work;

  @BeforeAll
  static void makeModelAndFiles() throws IOException {
    model = Cli.tinyModel(shared);
    Cli.write(
        shared.resolve("gsm8k.jsonl"),
        List.of(Map.of("question", "2+3?", "answer", "2+3 = <<2+3=5>>5\n#### 5")));
    Cli.write(
        shared.resolve("aqua.json"),
        List.of(
            Map.of(
                "question",
                "How many are 2 and 3?",
                "options",
                List.of("A)4", "B)5", "C)6", "D)7", "E)8"),
                "rationale",
                "2+3 = 5\nAnswer: B",
                "correct",
                "B")));
    Cli.write(
        shared.resolve("ecqa.jsonl"),
        List.of(
            Map.of(
                "question",
                "Where do fish live?",
                "choices",
                Map.of("A", "sea", "B", "sky"),
                "answerKey",
                "A",
                "answer",
                "sea",
                "rationale",
                "Fish swim.")));
    Cli.write(
        shared.resolve("math.jsonl"),
        List.of(
            Map.of(
                "problem",
                "What is half of one?",
                "solution",
                "It is $\\boxed{\\frac12}$.",
                "answer",
                "\\frac{1}{2}")));
    Files.writeString(shared.resolve("mmlu.csv"), "How much is 1+1?,1,2,3,4,B\n");
  }

  @ParameterizedTest
  @CsvSource({
    "gsm8k, gsm8k.jsonl, 5",
    "aqua, aqua.json, B",
    "ecqa, ecqa.jsonl, A",
    "math, math.jsonl, \\frac12",
    "mmlu, mmlu.csv, B"
  })
  void everyTaskIsSampledTrainedOnEvaluatedAndGraded(String task, String file, String answer)
      throws IOException {
    Path data = shared.resolve(file);
    assertThat(Cli.succeed("grade", "gold=" + data)).contains(task + ": 1 of 1 gold solutions");

    Path candidates = work.resolve("candidates.jsonl");
    String drawn =
        Cli.succeed(
            "sample",
            "model=" + model,
            "data=" + data,
            "output=" + candidates,
            "candidates=2",
            "max-tokens=8");
    assertThat(drawn).contains("1 problems, 2 solutions");
    JsonNode group = Cli.rows(candidates).get(0);
    assertThat(group.path("prompt").asText()).startsWith("Question: ").endsWith("\nAnswer:");
    assertThat(group.path("reference").asText()).contains(answer);

    Path rft = work.resolve("rft.jsonl");
    assertThat(Cli.succeed("rft", "data=" + candidates, "output=" + rft)).contains("1 references");
    Cli.succeed(
        "train",
        "model=" + model,
        "objective=vft",
        "data=" + rft,
        "output=" + work.resolve("trained"),
        "steps=1");

    Path evaluated = work.resolve("evaluated");
    Cli.succeed(
        "evaluate",
        "model=" + work.resolve("trained"),
        "data=" + data,
        "output=" + evaluated,
        "max-tokens=8");
    Path predictions = evaluated.resolve("predictions.jsonl");
    boolean correct = Cli.rows(predictions).get(0).path("correct").asBoolean();
    String graded =
        Cli.succeed(
            "grade",
            "task=" + task,
            "data=" + predictions,
            "output=" + work.resolve("graded.jsonl"));
    assertThat(graded).contains("1 rows: " + (correct ? 1 : 0) + " correct");
  }

  /** The log-probabilities of the letters equal those of {@code score}. */
  @ParameterizedTest
  @CsvSource({"mmlu.csv, 4, ''", "aqua.json, 5, letters=true"})
  void multipleChoiceByTheLettersProbabilities(String file, int options, String letters)
      throws IOException {
    Path evaluated = work.resolve("evaluated");
    List<String> command =
        new ArrayList<>(
            List.of(
                "evaluate",
                "model=" + model,
                "data=" + shared.resolve(file),
                "output=" + evaluated));
    if (!letters.isEmpty()) {
      command.add(letters);
    }
    assertThat(Cli.succeed(command.toArray(String[]::new)))
        .contains("accuracy by letter")
        .contains("over 1 subjects");
    JsonNode prediction = Cli.rows(evaluated.resolve("predictions.jsonl")).get(0);
    assertThat(prediction.path("logps")).hasSize(options);
    Path candidates = work.resolve("candidates.jsonl");
    Cli.succeed(
        "sample",
        "model=" + model,
        "data=" + shared.resolve(file),
        "output=" + candidates,
        "candidates=1",
        "max-tokens=1");
    String prompt = Cli.rows(candidates).get(0).path("prompt").asText();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < options; i++) {
      rows.add(Map.of("prompt", prompt, "response", " " + (char) ('A' + i)));
    }
    Path scored = work.resolve("scored.jsonl");
    Cli.succeed(
        "score",
        "model=" + model,
        "data=" + Cli.write(work.resolve("letters.jsonl"), rows),
        "output=" + scored);
    int best = 0;
    for (int i = 0; i < options; i++) {
      JsonNode logProbs = Cli.rows(scored).get(i).path("logprobs");
      double sum = 0;
      for (int t = 0; t < logProbs.size() - 1; t++) { // the last is the end of the text
        sum += logProbs.get(t).asDouble();
      }
      assertThat(prediction.path("logps").get(i).asDouble()).isCloseTo(sum, within(1e-5));
      best = sum > prediction.path("logps").get(best).asDouble() ? i : best;
    }
    assertThat(prediction.path("response").asText())
        .isEqualTo("The answer is " + (char) ('A' + best));
  }

  @Test
  void lettersNeedOptions() {
    Cli.Result result =
        Cli.run(
            "evaluate", "model=" + model, "data=" + shared.resolve("gsm8k.jsonl"), "letters=true");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("has no options");
  }

  @Test
  void predictionsThatEqualTheirSolutionsAreCorrectInEveryTask() throws IOException {
    for (String task : List.of("gsm8k", "aqua", "ecqa", "math", "mmlu")) {
      String solution =
          switch (task) {
            case "gsm8k" -> "2+3 = 5\n#### 5";
            case "math" -> "It is $\\boxed{\\frac12}$.";
            default -> "So it is.\nThe answer is B";
          };
      Path rows =
          Cli.write(
              work.resolve(task + ".jsonl"),
              List.of(Map.of("answer", solution, "response", solution)));
      assertThat(
              Cli.succeed("grade", "task=" + task, "data=" + rows, "output=" + work.resolve("o")))
          .contains("1 rows: 1 correct");
    }
  }

  @Test
  void goldWithoutAnAnswerIsRefusedByItsRow() throws IOException {
    Path rows =
        Cli.write(
            work.resolve("rows.jsonl"),
            List.of(
                Map.of("answer", "B", "response", "The answer is B"),
                Map.of("answer", "b", "response", "The answer is B")));
    Path output = work.resolve("graded.jsonl");
    Cli.Result result = Cli.run("grade", "task=aqua", "data=" + rows, "output=" + output);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("Row 2 of " + rows).contains("\"b\"");
    assertThat(output).doesNotExist();
    Cli.Result opinion =
        Cli.run("grade", "task=aqua", "data=" + rows, "output=" + output, "second-opinion=true");
    assertThat(opinion.code()).isEqualTo(2);
    assertThat(opinion.err()).contains("second-opinion is for task=math");
  }

  @Test
  void tasksAreMixed() throws IOException {
    Path mix = work.resolve("mix.jsonl");
    String out =
        Cli.succeed(
            "mix",
            "data="
                + String.join(
                    ",",
                    List.of("gsm8k.jsonl", "aqua.json", "ecqa.jsonl", "math.jsonl", "mmlu.csv")
                        .stream()
                        .map(f -> shared.resolve(f).toString())
                        .toList()),
            "held-out=" + shared.resolve("ecqa.jsonl"),
            "output=" + mix);
    assertThat(out).contains("dropped 1 held-out ones", "4 rows written");
    assertThat(Cli.rows(mix))
        .extracting(row -> row.path("response").asText())
        .containsExactlyInAnyOrder(
            " 2+3 = <<2+3=5>>5\n#### 5",
            " 2+3 = 5\nThe answer is B",
            " It is $\\boxed{\\frac12}$.",
            " The answer is B");
  }
}
