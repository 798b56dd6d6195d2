package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.CalculatorCheck;
import dev.plumbline.data.Grade;
import dev.plumbline.data.Gsm8kGrader;
import dev.plumbline.data.Jsonl;
import dev.plumbline.data.UserError;
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
      "Grades responses against gold solutions.",
      "Reads rows {answer, response}; writes them with correct, extracted (first '#### number'),",
      "correct_flexible and extracted_flexible (last number), and with the number of calculator annotations",
      "<<a*b=c>> in the response (calculations) and how many of them are wrong (calculations_wrong)."
    })
final class GradeCommand implements Callable<Integer> {
  @Option(
      names = "--task",
      defaultValue = "gsm8k",
      description = "gsm8k (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(names = "--input", required = true, paramLabel = "FILE", description = "JSONL rows.")
  private Path input;

  @Option(names = "--output", required = true, paramLabel = "FILE", description = "JSONL result.")
  private Path output;

  @Override
  public Integer call() {
    if (!task.equals("gsm8k")) {
      throw new UserError("There is no task '" + task + "'; the tasks are gsm8k.");
    }
    List<ObjectNode> rows = Jsonl.read(input);
    int correct = 0;
    int flexible = 0;
    for (int i = 0; i < rows.size(); i++) {
      Grade grade =
          Gsm8kGrader.grade(text(rows.get(i), "answer", i), text(rows.get(i), "response", i));
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
    }
    Jsonl.write(output, rows);
    System.out.printf(
        Locale.ROOT,
        "%d rows: %d correct (%.2f %%), %d by the last number (%.2f %%)%n",
        rows.size(),
        correct,
        100.0 * correct / rows.size(),
        flexible,
        100.0 * flexible / rows.size());
    return 0;
  }

  private String text(ObjectNode row, String key, int index) {
    if (!row.path(key).isTextual()) {
      throw new UserError("Row " + (index + 1) + " of " + input + " has no text '" + key + "'.");
    }
    return row.path(key).asText();
  }
}
