package dev.plumbline.data.steps;

import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Gsm8kGrader;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a wrong solution of a generated problem goes wrong. Its right way is known: the equations
 * of the reference, in their order, a sum or product in either order of its terms. The first step
 * whose equations are others is the wrong one; a solution that takes another way to a right
 * intermediate result counts as wrong from there, which generated problems hardly allow.
 */
public final class FirstError {
  private static final Pattern COMMUTES = Pattern.compile("(\\d+)([+*])(\\d+)=(.*)");

  private FirstError() {}

  /**
   * Index of the first wrong step of a solution; empty where all steps are those of the reference.
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
