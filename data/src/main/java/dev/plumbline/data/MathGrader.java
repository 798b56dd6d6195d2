package dev.plumbline.data;

import dev.plumbline.data.math.MathEquality;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Grades MATH (Hendrycks et al. 2021, arXiv 2103.03874). <b>Strict</b>: the last {@code \boxed{}}
 * of the response. <b>Flexible</b>: that, else what follows the last "answer is", else the last
 * number. Equality is {@link MathEquality}'s.
 */
public final class MathGrader {
  private static final Pattern ANSWER_IS =
      Pattern.compile("(?i)answer\\s*(?:is|:)\\s*:?\\s*(\\$[^$\n]*\\$|[^\n]*)");

  private MathGrader() {}

  /** Grades a response against the gold answer, which stands without a box. */
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
    Matcher matcher = ANSWER_IS.matcher(response);
    String last = null;
    while (matcher.find()) {
      last = matcher.group(1).strip();
    }
    return last != null && !last.isEmpty() ? last : Gsm8kGrader.flexible(response).orElse(null);
  }
}
