package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.SharedFolder;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.io.Jsonl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The grader against OpenAI's own verdicts on 5,276 stored model solutions (GSM8K's
 * example_model_solutions.jsonl).
 *
 * <p>The stored verdicts agree with the grader on every solution. A comparison of answer strings
 * would differ on ten, which differ from gold only by a thousands separator (gold 5,600 and answer
 * 5600). Fifteen solutions have no number after {@code A:}: eleven were cut off or repeated
 * themselves before any answer line, and four end with something other than a number ("1/5",
 * "7/14", "-1.8 billion", "10+John's age"). Both mark all fifteen as incorrect.
 */
class StoredSolutionsTest {
  private static final List<String> MODELS =
      List.of("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification");

  @Test
  void agreesWithStoredVerdicts() {
    Map<String, Integer> classes = new TreeMap<>();
    List<String> disagreements = new ArrayList<>();
    int solutions = 0;
    int flexibleAgreements = 0;
    List<ObjectNode> rows =
        Jsonl.read(SharedFolder.file("data/gsm8k/example_model_solutions.jsonl"));
    for (int i = 0; i < rows.size(); i++) {
      String gold = rows.get(i).get("ground_truth").asText();
      for (String model : MODELS) {
        String solution = rows.get(i).get(model).get("solution").asText();
        boolean stored = rows.get(i).get(model).get("is_correct").asBoolean();
        Grade grade = Gsm8kGrader.grade(gold, solution);
        solutions++;
        flexibleAgreements += grade.correctFlexible() == stored ? 1 : 0;
        String reason = reason(grade, solution);
        classes.merge(
            reason + (stored ? ", stored correct" : ", stored incorrect"), 1, Integer::sum);
        if (grade.correct() != stored) {
          disagreements.add(
              "line "
                  + (i + 1)
                  + ", "
                  + model
                  + ": "
                  + reason
                  + ", extracted "
                  + grade.extracted());
        }
      }
    }
    System.out.printf(
        "Stored GSM8K verdicts: %d of %d agree with strict extraction, %d with flexible extraction.%n",
        solutions - disagreements.size(), solutions, flexibleAgreements);
    System.out.println("Classes: " + classes);
    disagreements.forEach(System.out::println);
    assertThat(solutions).isEqualTo(5_276);
    assertThat(disagreements).isEmpty();
  }

  private static String reason(Grade grade, String solution) {
    if (grade.extracted() != null) {
      return grade.correct() ? "number equal to gold" : "number other than gold";
    }
    List<String> lines = solution.strip().lines().toList();
    boolean answerLine = !lines.isEmpty() && lines.get(lines.size() - 1).startsWith("A:");
    return answerLine ? "answer line without a plain number" : "no answer line (cut off)";
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "test"})
  void goldAgreesWithItself(String split) {
    List<Problem> problems = ProblemFiles.read(SharedFolder.file("data/gsm8k/" + split + ".jsonl"));
    assertThat(problems).hasSize(split.equals("train") ? 7_473 : 1_319);
    int annotations = 0;
    int wrong = 0;
    for (Problem problem : problems) {
      Grade grade = Gsm8kGrader.grade(problem.solution(), problem.solution());
      assertThat(grade.correct()).as(problem.id()).isTrue();
      assertThat(grade.correctFlexible()).as(problem.id()).isTrue();
      assertThat(Gsm8kGrader.sameNumber(problem.answer(), grade.extracted()))
          .as(problem.id())
          .isTrue();
      CalculatorCheck.Result result = CalculatorCheck.check(problem.solution());
      annotations += result.annotations();
      wrong += result.wrong();
      if (result.wrong() > 0) {
        System.out.println(problem.id() + ": " + CalculatorCheck.equations(problem.solution()));
      }
    }
    System.out.printf(
        "GSM8K %s: %d annotations, %d fail the calculator check.%n", split, annotations, wrong);
    assertThat(wrong).isLessThan(annotations / 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"candidates", "pairs", "score_input"})
  void readsReferenceRows(String name) {
    assertThat(TrainingRows.read(SharedFolder.file("reference/stories260K/" + name + ".jsonl")))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SVAMP.json", "mawps-asdiv-a_svamp/train.csv", "mawps-asdiv-a_svamp/dev.csv"})
  void readsSvamp(String name) {
    List<Problem> problems = ProblemFiles.read(SharedFolder.file("data/svamp/" + name));
    int unequal = 0;
    for (Problem problem : problems) {
      assertThat(Gsm8kGrader.grade(problem.solution(), problem.solution()).correct()).isTrue();
      assertThat(CalculatorCheck.check(problem.solution()).wrong()).as(problem.toString()).isZero();
      String equation = CalculatorCheck.equations(problem.solution()).get(0);
      String value = equation.substring(equation.indexOf('=') + 1);
      if (!Gsm8kGrader.sameNumber(value, problem.answer())) {
        unequal++;
        System.out.println(problem);
      }
    }
    System.out.printf(
        "%s: %d problems, %d answers differ from their equation.%n",
        name, problems.size(), unequal);
    System.out.println(problems.get(0));
    assertThat(problems).hasSize(name.contains("train") ? 3_138 : 1_000);
  }
}
