package dev.plumbline.data.select;

import dev.plumbline.data.problem.CalculatorCheck;

/**
 * A quality score for every candidate, in place of a judge (AFT spec 6.2, inferred): 10 for the
 * right answer, the share of its calculations that hold, and 1 for a sane length, which is between
 * half and twice that of the reference in words; the sum scaled to [0, 1].
 */
public final class Quality {
  private static final double MOST = 12;

  private Quality() {}

  /** The score of a response. */
  public static double of(String response, boolean correct, String reference) {
    CalculatorCheck.Result steps = CalculatorCheck.check(response);
    double held =
        steps.annotations() == 0
            ? 0
            : (double) (steps.annotations() - steps.wrong()) / steps.annotations();
    double length = (double) words(response) / words(reference);
    boolean sane = length >= 0.5 && length <= 2;
    return ((correct ? 10 : 0) + held + (sane ? 1 : 0)) / MOST;
  }

  private static int words(String text) {
    return text.strip().split("\\s+").length;
  }
}
