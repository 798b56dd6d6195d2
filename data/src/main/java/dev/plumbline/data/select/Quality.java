package dev.plumbline.data.select;

import dev.plumbline.data.problem.CalculatorCheck;

/**
 * A quality score of a candidate, instead of a judge (inferred, I): 10 for the correct answer, plus
 * the share of its calculations that hold, plus 1 for a length in words between half and twice that
 * of the reference. The sum is scaled to [0, 1].
 */
public final class Quality {
  private static final double MAX_SCORE = 12;

  private Quality() {}

  /** Returns the score of a response, from 0 to 1. */
  public static double of(String response, boolean correct, String reference) {
    CalculatorCheck.Result steps = CalculatorCheck.check(response);
    double held =
        steps.annotations() == 0
            ? 0
            : (double) (steps.annotations() - steps.wrong()) / steps.annotations();
    double length = (double) words(response) / words(reference);
    boolean sane = length >= 0.5 && length <= 2;
    return ((correct ? 10 : 0) + held + (sane ? 1 : 0)) / MAX_SCORE;
  }

  private static int words(String text) {
    return text.strip().split("\\s+").length;
  }
}
