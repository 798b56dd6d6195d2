package dev.plumbline.data.problem;

import dev.plumbline.data.UserError;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Extracts and compares final answers of GSM8K solutions.
 *
 * <p><b>Strict</b>: the first match of {@code #### (-?[0-9.,]+)}, the pattern of GSM8K's own {@code
 * dataset.py}, of RFT's collection script (C) and of lm-evaluation-harness's {@code strict-match}.
 * A text without {@code ####} may end with a line {@code A: n} instead, the form of OpenAI's stored
 * model solutions (example_model_solutions.jsonl). The rest of that line must be one number, so
 * that {@code A: 1/5} is not an answer.
 *
 * <p><b>Flexible</b>: the last match of {@code (-?[$0-9.,]{2,})|(-?[0-9]+)}, the harness's {@code
 * flexible-extract}.
 *
 * <p>Numbers are normalised (without {@code $}, {@code ,} and a final full stop) and compared as
 * exact fractions, so that 18 equals 18.0 and digits beyond double precision count.
 *
 * <p>Deviation: a number continues where the published patterns cut it. A fraction or mixed number
 * is one number ({@code 3 1/2}, {@code \frac{1}{2}}), {@code {,}}, {@code \\,} or a blank may
 * separate thousands, and text after the hashes that continues with an operation, such as {@code
 * 2*3}, is not a number. The harness reads 1/2 as 1 or as 2.
 *
 * <p>Deviation: the reference scripts compare doubles, with |a - b| &lt; 1e-4 in evaluation and
 * equality in collection (RFT's code, C). This grader always compares exactly, which is stricter;
 * {@link #sameNumber(String, String, BigDecimal)} with {@link #EVALUATION_TOLERANCE} gives the
 * comparison of the evaluation.
 *
 * <p>Deviation: U+2212 counts as a minus sign, and the flexible form skips exponents and matches
 * without a number ("...", "$"), which the harness would extract.
 */
public final class Gsm8kGrader {
  /** RFT's tolerance in evaluation (its code, C). */
  public static final BigDecimal EVALUATION_TOLERANCE = new BigDecimal("1e-4");

  private static final Pattern HASHES = Pattern.compile("#### (-?[0-9.,]+)");
  private static final Pattern ANSWER_LINE = Pattern.compile("A:\\s*(-?\\$?-?[0-9.,]+)");
  private static final Pattern ANY_NUMBER = Pattern.compile("(-?[$0-9.,]{2,})|(-?[0-9]+)");

  /** Follows a numerator or the whole part of a mixed number; a date does not match. */
  private static final Pattern FRACTION =
      Pattern.compile("(?<=[0-9])(?: [0-9]{1,9})? ?/ ?[0-9]{1,9}(?![0-9]|[./][0-9]| ?/ ?[0-9])");

  private static final Pattern OPERATION =
      Pattern.compile("\\s*(?:[-+*/^:x\u00d7\u00f7]|\\\\(?:times|cdot|div))\\s*[0-9]");

  private Gsm8kGrader() {}

  /**
   * Returns the strictly extracted number, normalised; empty if there is none or it is not a
   * number, such as {@code 1.2.3}.
   */
  public static Optional<String> strict(String text) {
    String plain = NumberText.plain(text);
    Matcher hashes = HASHES.matcher(plain);
    if (hashes.find()) {
      int end = end(plain, hashes.start(1), hashes.end());
      boolean operation = OPERATION.matcher(plain).region(end, plain.length()).lookingAt();
      return operation ? Optional.empty() : number(plain.substring(hashes.start(1), end));
    }
    if (plain.contains("####")) {
      return Optional.empty();
    }
    List<String> lines = plain.strip().lines().toList();
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    Matcher answer = ANSWER_LINE.matcher(lines.get(lines.size() - 1).strip());
    return answer.matches() ? number(answer.group(1)) : Optional.empty();
  }

  /** Returns the last number of the text, normalised; empty if there is none. */
  public static Optional<String> flexible(String text) {
    String plain = NumberText.plain(text);
    Matcher matcher = ANY_NUMBER.matcher(plain);
    Optional<String> last = Optional.empty();
    int from = 0;
    while (from <= plain.length() && matcher.find(from)) {
      from = end(plain, matcher.start(), matcher.end());
      Optional<String> number = number(plain.substring(matcher.start(), from));
      if (number.isPresent() && !isExponent(plain, matcher.start())) {
        last = number;
      }
    }
    return last;
  }

  /** The 2 of "5 cm^2" or "5 cm^{2}". */
  private static boolean isExponent(String plain, int start) {
    int before = start > 0 && plain.charAt(start - 1) == '{' ? start - 2 : start - 1;
    return before >= 0 && plain.charAt(before) == '^';
  }

  /** The end of a number that ends here or continues as a fraction; 5/12/2020 is not a fraction. */
  private static int end(String plain, int start, int end) {
    if (start > 0 && plain.charAt(start - 1) == '/') {
      return end;
    }
    Matcher fraction =
        FRACTION.matcher(plain).region(end, plain.length()).useTransparentBounds(true);
    return fraction.lookingAt() ? fraction.end() : end;
  }

  private static Optional<String> number(String raw) {
    return NumberText.parse(raw).isPresent()
        ? Optional.of(NumberText.normalise(raw))
        : Optional.empty();
  }

  /**
   * Grades a response against a gold solution (or a bare gold number).
   *
   * @throws UserError when the gold solution has no answer: an error in the data, not in the
   *     response
   */
  public static Grade grade(String goldSolution, String response) {
    String gold = goldAnswer(goldSolution);
    String extracted = strict(response).orElse(null);
    String extractedFlexible = flexible(response).orElse(null);
    return new Grade(
        extracted != null && sameNumber(gold, extracted),
        extracted,
        extractedFlexible != null && sameNumber(gold, extractedFlexible),
        extractedFlexible);
  }

  private static String goldAnswer(String goldSolution) {
    return strict(goldSolution)
        .or(() -> number(NumberText.plain(goldSolution)))
        .orElseThrow(
            () ->
                new UserError(
                    "The gold solution \""
                        + goldSolution
                        + "\" has no answer; end it with a line \"#### n\"."));
  }

  /** Whether both texts are numbers (also fractions and mixed numbers) and exactly equal. */
  public static boolean sameNumber(String a, String b) {
    return sameNumber(a, b, BigDecimal.ZERO);
  }

  /** Whether both texts are numbers with |a - b| &lt; tolerance, or equal. */
  public static boolean sameNumber(String a, String b, BigDecimal tolerance) {
    Optional<NumberText> first = NumberText.parse(a);
    Optional<NumberText> second = NumberText.parse(b);
    return first.isPresent() && second.isPresent() && first.get().near(second.get(), tolerance);
  }

  /** Whether the text is one number and nothing else. */
  static boolean isNumber(String text) {
    return NumberText.parse(NumberText.plain(text)).isPresent();
  }
}
