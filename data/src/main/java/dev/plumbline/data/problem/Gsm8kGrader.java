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
 * dataset.py}, of RFT's collection script (spec/aft.md, 2.2) and of lm-evaluation-harness's {@code
 * strict-match}. A text without any {@code ####} may instead end in a line {@code A: n}: OpenAI's
 * stored model solutions (example_model_solutions.jsonl) use that form. The whole line must be one
 * number there, so that {@code A: 1/5} is no answer.
 *
 * <p><b>Flexible</b>: the last match of {@code (-?[$0-9.,]{2,})|(-?[0-9]+)}, the harness's {@code
 * flexible-extract}.
 *
 * <p>Numbers are normalised ({@code $} and {@code ,} dropped, a full stop at the end dropped) and
 * compared as exact fractions, so 18 equals 18.0 and digits beyond a double's still count.
 *
 * <p>Deviation: a number goes on where the published patterns cut it. A fraction or mixed number is
 * one number ({@code 3 1/2}, {@code \frac{1}{2}}), thousands may stand apart by {@code {,}}, {@code
 * \\,} or a blank, and behind the hashes what goes on with an operation, such as {@code 2*3}, is no
 * number. The harness reads 1/2 as 1 or as 2.
 *
 * <p>Deviation: the reference scripts compare doubles, with |a - b| &lt; 1e-4 in evaluation and
 * equality in collection (spec/aft.md, 2.2). Exact comparison is the stricter of the two
 * everywhere; {@link #sameNumber(String, String, BigDecimal)} with {@link #EVALUATION_TOLERANCE}
 * gives the other.
 *
 * <p>Deviation: U+2212 counts as a minus sign, and the flexible form passes over exponents and over
 * matches without a number in them ("...", "$"), where the harness would extract just that.
 */
public final class Gsm8kGrader {
  /** RFT's tolerance in evaluation (spec/aft.md, 2.2). */
  public static final BigDecimal EVALUATION_TOLERANCE = new BigDecimal("1e-4");

  private static final Pattern HASHES = Pattern.compile("#### (-?[0-9.,]+)");
  private static final Pattern ANSWER_LINE = Pattern.compile("A:\\s*(-?\\$?-?[0-9.,]+)");
  private static final Pattern ANY_NUMBER = Pattern.compile("(-?[$0-9.,]{2,})|(-?[0-9]+)");

  /** What makes the number before it a fraction's numerator or a mixed number; no date. */
  private static final Pattern FRACTION =
      Pattern.compile("(?<=[0-9])(?: [0-9]{1,9})? ?/ ?[0-9]{1,9}(?![0-9]|[./][0-9]| ?/ ?[0-9])");

  private static final Pattern OPERATION =
      Pattern.compile("\\s*(?:[-+*/^:x\u00d7\u00f7]|\\\\(?:times|cdot|div))\\s*[0-9]");

  private Gsm8kGrader() {}

  /**
   * The strictly extracted number, normalised; empty when there is none or it is no number, such as
   * {@code 1.2.3}.
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

  /** The last number of the text, normalised; empty when it holds none. */
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

  /** Where the number ends that ends here or goes on as a fraction; 5/12/2020 is none. */
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
   * @throws UserError when the gold solution holds no answer: that is a fault of the data, not of
   *     the response
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
                        + "\" holds no answer; end it in a line \"#### n\"."));
  }

  /** Whether both are numbers, also fractions and mixed ones, and exactly equal. */
  public static boolean sameNumber(String a, String b) {
    return sameNumber(a, b, BigDecimal.ZERO);
  }

  /** Whether both are numbers with |a - b| &lt; tolerance, or equal. */
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
