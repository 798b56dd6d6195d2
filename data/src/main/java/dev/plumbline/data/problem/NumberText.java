package dev.plumbline.data.problem;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An exact number in the forms of word problems: a decimal, a fraction or a mixed number.
 *
 * @param above the numerator; the value itself if {@code below} is 1
 * @param below the denominator
 */
record NumberText(BigDecimal above, BigDecimal below) {
  private static final Pattern FORM =
      Pattern.compile("([-+]?)(?:([0-9.]+) )?([0-9.]+) ?/ ?([0-9]+)");

  /** Spaces between thousands in LaTeX and Unicode. */
  private static final Pattern THIN =
      Pattern.compile(
          "(?<=[0-9])(?:\\{,\\}|,\\\\!|\\\\[,!;:]|[\u00a0\u2009\u202f\u2007~'\u2019_])(?=[0-9]{3}(?![0-9]))");

  /** {@code 1.5e3} and {@code 1.5 \\times 10^{3}}. */
  private static final Pattern SCIENTIFIC =
      Pattern.compile(
          "(?<![0-9.,a-zA-Z])([0-9]{1,20}(?:\\.[0-9]{1,20})?)(?:[eE]([-+]?[0-9]{1,2})(?![0-9a-zA-Z])"
              + "| ?(?:\\\\times|\\\\cdot|\u00d7|\\*|x) ?10 ?\\^ ?(?:\\{ ?(-?[0-9]{1,2}) ?\\}|(-?[0-9]{1,2})))");

  private static final Pattern GROUPS =
      Pattern.compile("(?<![0-9.,/])[0-9]{1,3}(?: [0-9]{3})+(?![0-9]|,[0-9]| ?/)");
  private static final Pattern FRACTION =
      Pattern.compile(
          "([0-9] ?)?\\\\[dtc]?frac ?(?:\\{ ?([0-9.]+) ?\\} ?\\{ ?([0-9]+) ?\\}|([0-9])([0-9]))");

  private static final Map<Character, String> CHARACTERS =
      Map.ofEntries(
          Map.entry('\u00bd', "1/2"),
          Map.entry('\u2153', "1/3"),
          Map.entry('\u2154', "2/3"),
          Map.entry('\u00bc', "1/4"),
          Map.entry('\u00be', "3/4"),
          Map.entry('\u2155', "1/5"),
          Map.entry('\u2156', "2/5"),
          Map.entry('\u2157', "3/5"),
          Map.entry('\u2158', "4/5"),
          Map.entry('\u2159', "1/6"),
          Map.entry('\u215a', "5/6"),
          Map.entry('\u215b', "1/8"),
          Map.entry('\u215c', "3/8"),
          Map.entry('\u215d', "5/8"),
          Map.entry('\u215e', "7/8"));

  /**
   * The text with its numbers in plain characters: without LaTeX and without single-character
   * fractions.
   */
  static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      String fraction = CHARACTERS.get(c);
      if (fraction != null) {
        boolean mixed = i > 0 && Character.isDigit(text.charAt(i - 1));
        plain.append(mixed ? " " : "").append(fraction);
      } else {
        plain.append(c == '\u2212' ? '-' : c == '\u2044' || c == '\u2215' ? '/' : c);
      }
    }
    String s = plain.toString().replace("\\$", "$").replace("\\%", "%");
    s = THIN.matcher(s).replaceAll("");
    s = FRACTION.matcher(s).replaceAll(NumberText::fraction);
    s = SCIENTIFIC.matcher(s).replaceAll(NumberText::decimal);
    return GROUPS.matcher(s).replaceAll(groups -> groups.group().replace(" ", ""));
  }

  private static String decimal(MatchResult match) {
    String power = match.group(2) != null ? match.group(2) : match.group(3);
    int scale = Integer.parseInt(power != null ? power : match.group(4));
    return new BigDecimal(match.group(1)).scaleByPowerOfTen(scale).toPlainString();
  }

  private static String fraction(MatchResult match) {
    boolean braces = match.group(2) != null;
    return (match.group(1) != null ? match.group(1).strip() + " " : "")
        + (braces ? match.group(2) : match.group(4))
        + "/"
        + (braces ? match.group(3) : match.group(5));
  }

  /** Like {@link Decimals#normalise}, and without blanks around a fraction's bar. */
  static String normalise(String number) {
    return Decimals.normalise(number).replaceAll(" ?/ ?", "/");
  }

  /** Parses a number; empty for any other text and for a denominator of 0. */
  static Optional<NumberText> parse(String number) {
    Optional<BigDecimal> decimal = Decimals.parse(number);
    if (decimal.isPresent()) {
      return Optional.of(new NumberText(decimal.get(), BigDecimal.ONE));
    }
    Matcher form = FORM.matcher(normalise(number));
    if (!form.matches()) {
      return Optional.empty();
    }
    Optional<BigDecimal> whole = Decimals.parse(form.group(2) == null ? "0" : form.group(2));
    Optional<BigDecimal> above = Decimals.parse(form.group(3));
    Optional<BigDecimal> below = Decimals.parse(form.group(4));
    if (whole.isEmpty() || above.isEmpty() || below.isEmpty() || below.get().signum() == 0) {
      return Optional.empty();
    }
    BigDecimal sum = whole.get().multiply(below.get()).add(above.get());
    return Optional.of(new NumberText(form.group(1).equals("-") ? sum.negate() : sum, below.get()));
  }

  /** Whether two numbers are equal or differ by less than the tolerance. */
  boolean near(NumberText other, BigDecimal tolerance) {
    BigDecimal difference = above.multiply(other.below).subtract(other.above.multiply(below)).abs();
    return difference.signum() == 0
        || difference.compareTo(tolerance.multiply(below).multiply(other.below)) < 0;
  }
}
