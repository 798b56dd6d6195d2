package dev.plumbline.data.steps;

import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Gsm8kGrader;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the first wrong step of a solution of a generated problem. The correct steps are the
 * equations of the reference, in order, where a sum or product may have its terms in either order.
 * The first step with other equations is the wrong one. A solution that derives a correct
 * intermediate result in another way counts as wrong from there; generated problems hardly allow
 * this.
 */
public final class FirstError {
  private static final Pattern COMMUTES = Pattern.compile("(\\d+)([+*])(\\d+)=(.*)");

  private FirstError() {}

  /**
   * Returns the index of the first wrong step of a solution; empty if all steps match the
   * reference.
   *
   * @param reference a solution with calculator annotations and a last line {@code #### n}
   */
  public static OptionalInt step(String reference, String solution, List<Step> steps) {
    List<String> expected = CalculatorCheck.equations(reference);
    int next = 0;
    for (int i = 0; i < steps.size(); i++) {
      String step = steps.get(i).of(solution);
      for (String equation : CalculatorCheck.equations(step)) {
        if (next == expected.size() || !ordered(equation).equals(ordered(expected.get(next)))) {
          return OptionalInt.of(i);
        }
        next++;
      }
      boolean answers = Gsm8kGrader.strict(step).isPresent();
      if (answers && (next < expected.size() || !Gsm8kGrader.grade(reference, step).correct())) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** A sum or product with the smaller term first. */
  private static String ordered(String equation) {
    Matcher m = COMMUTES.matcher(equation);
    return m.matches() && Long.parseLong(m.group(1)) > Long.parseLong(m.group(3))
        ? m.group(3) + m.group(2) + m.group(1) + "=" + m.group(4)
        : equation;
  }
}
