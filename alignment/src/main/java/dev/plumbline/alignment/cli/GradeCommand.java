package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.math.SecondOpinion;
import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Grade;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline grade}. */
@Command(
    name = "grade",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Grades responses against gold answers.",
      "Reads rows {answer, response} and adds correct and extracted (by the strict form of "
          + "the task), correct_flexible and extracted_flexible, the number of calculator "
          + "annotations <<a*b=c>> (calculations) and of wrong ones (calculations_wrong). The "
          + "answer is a solution in the form of the task or the bare answer: a number for "
          + "gsm8k, a letter for aqua, ecqa and mmlu, an expression for math. With gold=FILE, "
          + "grades a published file's own solutions instead."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline grade task=math data=responses.jsonl output=graded.jsonl",
      "  ./plumbline grade gold=aqua/test.json"
    })
final class GradeCommand implements Callable<Integer> {
  @Option(
      names = "--task",
      defaultValue = "gsm8k",
      description = "gsm8k, aqua, ecqa, math or mmlu (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(names = "--data", paramLabel = "FILE", description = "JSONL rows.")
  private Path data;

  @Option(names = "--output", paramLabel = "FILE", description = "JSONL result.")
  private Path output;

  @Option(
      names = "--gold",
      paramLabel = "FILE",
      description = "Problems of any task; grades each solution against its answer.")
  private Path gold;

  @Option(
      names = "--second-opinion",
      description =
          "Also write correct_second_opinion: Symja's verdict where the exact comparison of math finds no equality (needs a"
              + " build with -Psymja). 'correct' is unchanged.")
  private boolean secondOpinion;

  @Override
  public Integer call() {
    if (gold != null) {
      return gradeGold();
    }
    if (data == null || output == null) {
      throw new UserError("Give data=FILE and output=FILE, or gold=FILE.");
    }
    Task graded = Task.of(task);
    SecondOpinion opinion = opinion(graded);
    List<ObjectNode> rows = Jsonl.read(data);
    int correct = 0;
    int flexible = 0;
    int overruled = 0;
    for (int i = 0; i < rows.size(); i++) {
      String answer = answer(graded, i, text(rows.get(i), "answer", i));
      Grade grade = graded.grade(answer, text(rows.get(i), "response", i));
      rows.get(i).put("correct", grade.correct());
      rows.get(i).put("extracted", grade.extracted());
      rows.get(i).put("correct_flexible", grade.correctFlexible());
      rows.get(i).put("extracted_flexible", grade.extractedFlexible());
      CalculatorCheck.Result calculator =
          CalculatorCheck.check(rows.get(i).path("response").asText());
      rows.get(i).put("calculations", calculator.annotations());
      rows.get(i).put("calculations_wrong", calculator.wrong());
      correct += grade.correct() ? 1 : 0;
      flexible += grade.correctFlexible() ? 1 : 0;
      if (opinion != null) {
        boolean also =
            !grade.correct()
                && grade.extracted() != null
                && opinion.same(answer, grade.extracted(), SecondOpinion.DEADLINE);
        rows.get(i).put("correct_second_opinion", grade.correct() || also);
        overruled += also ? 1 : 0;
      }
    }
    Jsonl.write(output, rows);
    System.out.printf(
        Locale.ROOT,
        "%d rows: %d correct (%.2f %%), %d by the flexible form (%.2f %%)%n",
        rows.size(),
        correct,
        100.0 * correct / rows.size(),
        flexible,
        100.0 * flexible / rows.size());
    if (opinion != null) {
      System.out.printf("%d more are correct by the second opinion%n", overruled);
    }
    return 0;
  }

  private SecondOpinion opinion(Task graded) {
    if (!secondOpinion) {
      return null;
    }
    if (graded != Task.MATH) {
      throw new UserError(
          "second-opinion is for task=math, but the task is " + graded.label() + ".");
    }
    return SecondOpinion.find()
        .orElseThrow(
            () ->
                new UserError(
                    "There is no second opinion on the class path; build with 'mvn -Psymja package'."));
  }

  private String answer(Task graded, int index, String gold) {
    try {
      return graded.goldAnswer(gold);
    } catch (UserError e) {
      throw new UserError("Row " + (index + 1) + " of " + data + ": " + e.getMessage(), e);
    }
  }

  private int gradeGold() {
    List<Problem> problems = ProblemFiles.read(gold);
    int correct = 0;
    for (Problem problem : problems) {
      Grade grade = problem.grade(problem.solution());
      correct += grade.correct() ? 1 : 0;
      if (!grade.correct()) {
        System.err.printf(
            "%s: the solution says '%s' and the answer is '%s'%n",
            problem.id(), grade.extracted(), problem.answer());
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d of %d gold solutions correct (%.2f %%)%n",
        problems.get(0).task().label(),
        correct,
        problems.size(),
        100.0 * correct / problems.size());
    return 0;
  }

  private String text(ObjectNode row, String key, int index) {
    if (!row.path(key).isTextual()) {
      throw new UserError("Row " + (index + 1) + " of " + data + " has no text '" + key + "'.");
    }
    return row.path(key).asText();
  }
}
