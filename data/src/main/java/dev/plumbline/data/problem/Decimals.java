package dev.plumbline.data.problem;

import java.math.BigDecimal;
import java.util.Optional;

/** Exact decimal numbers as people write them in answers. */
public final class Decimals {
  /**
   * No answer needs more digits; the bound keeps a response that repeats one digit from taking
   * quadratic time.
   */
  private static final int MAX_DIGITS = 1_000;

  private Decimals() {}

  /**
   * Removes currency signs, thousands separators, blanks, a percent sign and trailing full stops;
   * U+2212 becomes a minus.
   */
  static String normalise(String number) {
    String plain = number.strip().replace('\u2212', '-').replace("$", "").replace(",", "");
    int end = plain.length();
    while (end > 0
        && (plain.charAt(end - 1) == '.'
            || plain.charAt(end - 1) == '%'
            || plain.charAt(end - 1) == ' ')) {
      end--;
    }
    return plain.substring(0, end);
  }

  /**
   * Parses a number in any form that {@link #normalise} knows; empty for anything else, such as
   * {@code 1.2.3}.
   */
  public static Optional<BigDecimal> parse(String number) {
    String plain = normalise(number);
    if (plain.length() > MAX_DIGITS || !plain.matches("[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)")) {
      return Optional.empty();
    }
    return Optional.of(new BigDecimal(plain));
  }

  /**
   * Returns the shortest plain form: {@code 18.0} gives {@code 18}, {@code 0.50} gives {@code 0.5}.
   */
  public static String canonical(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
