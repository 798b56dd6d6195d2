package dev.plumbline.data.problem;

import dev.plumbline.data.math.MathEquality;

/**
 * Grades MATH (Hendrycks et al. 2021, arXiv 2103.03874). <b>Strict</b>: the last {@code \boxed{}}
 * of the response. <b>Flexible</b>: the same, else the text after the last "answer is" or
 * "answer:", else the last formula, else the last number. {@link MathEquality} compares answers.
 */
public final class MathGrader {
  private MathGrader() {}

  /** Grades a response against the gold answer, which has no box. */
  public static Grade grade(String gold, String response) {
    String strict = MathEquality.boxed(response);
    String flexible = strict != null ? strict : flexible(response);
    return new Grade(
        strict != null && MathEquality.same(gold, strict),
        strict,
        flexible != null && MathEquality.same(gold, flexible),
        flexible);
  }

  private static String flexible(String response) {
    String named = AnswerText.named(response);
    if (named != null) {
      return named;
    }
    String formula = AnswerText.lastFormula(response);
    return formula != null ? formula : Gsm8kGrader.flexible(response).orElse(null);
  }
}
