package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.SharedFolder;
import dev.plumbline.data.files.ProblemFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every published gold solution is correct under the grader of its task, and so is its answer
 * alone. Of MATH's 4,500 problems outside MATH500, 4,495 are, because the answers of five rows are
 * damaged.
 */
class GoldAgainstGoldTest {
  /**
   * Rows of the 4,500 with a damaged "answer": half of the answer, an extra comma, a fraction with
   * displaced braces, or a sentence.
   */
  private static final Set<String> DAMAGED =
      Set.of(
          "test/precalculus/870.json",
          "test/algebra/2329.json",
          "test/prealgebra/177.json",
          "test/prealgebra/1124.json",
          "test/geometry/1107.json");

  @ParameterizedTest
  @CsvSource({
    "gsm8k/train.jsonl, GSM8K, 7473",
    "gsm8k/test.jsonl, GSM8K, 1319",
    "aqua-rat/dev.json, AQUA, 254",
    "aqua-rat/test.json, AQUA, 254",
    "aqua-rat/flan_train.tsv, AQUA, 2728",
    "ecqa/ecqa_train.jsonl, ECQA, 7598",
    "ecqa/ecqa_val.jsonl, ECQA, 1090",
    "ecqa/ecqa_test.jsonl, ECQA, 2194",
    "math500/test.jsonl, MATH, 500",
    "math500/math_test5000_minus_math500.jsonl, MATH, 4500"
  })
  void solutionsAndAnswers(String file, Task task, int count) {
    Path path = SharedFolder.file("data/" + file);
    List<Problem> problems = ProblemFiles.read(path);
    assertThat(problems).hasSize(count).allMatch(p -> p.task() == task);
    List<String> wrong = new ArrayList<>();
    int right = 0;
    int answers = 0;
    for (Problem p : problems) {
      boolean correct = p.grade(p.solution()).correct();
      right += correct ? 1 : 0;
      if (correct == DAMAGED.contains(p.id())) {
        wrong.add(p.id() + ": " + p.answer() + " | " + p.grade(p.solution()).extracted());
      }
      answers += p.solvedBy(p.answer()) ? 1 : 0;
    }
    System.out.printf("%s: %d of %d solutions correct%n", file, right, count);
    wrong.stream().limit(60).forEach(System.out::println);
    assertThat(answers).isEqualTo(count);
    assertThat(wrong).isEmpty();
  }
}
