package dev.plumbline.data.problem;

import java.util.OptionalDouble;

/**
 * Evaluates the arithmetic of calculator annotations by recursive descent: {@code + - * / //},
 * parentheses, decimals, thousands separators, and a percent sign after a value ({@code 20%} is
 * 0.2).
 *
 * <pre>
 *   sum     = product { ("+" | "-") product }
 *   product = factor { ("*" | "/" | "//") factor }
 *   factor  = ["+" | "-"] factor | ( number | "(" sum ")" ) { "%" }
 * </pre>
 */
public final class Arithmetic {
  /**
   * Model output can open thousands of parentheses; the limit keeps it from overflowing the stack.
   */
  private static final int MAX_DEPTH = 64;

  private final String text;
  private int at;
  private int depth;

  private Arithmetic(String text) {
    this.text = text;
  }

  /** Returns the value; empty if the text is not an expression, divides by zero or overflows. */
  public static OptionalDouble evaluate(String expression) {
    Arithmetic parser = new Arithmetic(expression.replace('\u2212', '-').replaceAll("\\s", ""));
    try {
      double value = parser.sum();
      return parser.at == parser.text.length() && Double.isFinite(value)
          ? OptionalDouble.of(value)
          : OptionalDouble.empty();
    } catch (NumberFormatException malformed) {
      return OptionalDouble.empty();
    }
  }

  private double sum() {
    double value = product();
    while (true) {
      if (take('+')) {
        value += product();
      } else if (take('-')) {
        value -= product();
      } else {
        return value;
      }
    }
  }

  private double product() {
    double value = factor();
    while (true) {
      if (take('*')) {
        value *= factor();
      } else if (take('/')) {
        // Two gold solutions of GSM8K use Python's floor division.
        value = take('/') ? Math.floor(value / factor()) : value / factor();
      } else {
        return value;
      }
    }
  }

  private double factor() {
    if (++depth > MAX_DEPTH) {
      throw new NumberFormatException("nested too deeply");
    }
    double value;
    if (take('-')) {
      value = -factor();
    } else if (take('+')) {
      value = factor();
    } else if (take('(')) {
      value = sum();
      if (!take(')')) {
        throw new NumberFormatException("a parenthesis is not closed");
      }
      value = percent(value);
    } else {
      value = percent(number());
    }
    depth--;
    return value;
  }

  private double percent(double value) {
    while (take('%')) {
      value /= 100;
    }
    return value;
  }

  private double number() {
    int start = at;
    while (at < text.length()
        && (isDigit(text.charAt(at)) || text.charAt(at) == '.' || text.charAt(at) == ',')) {
      at++;
    }
    String digits = text.substring(start, at);
    if (!digits.matches("([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\\.[0-9]*)?|\\.[0-9]+")) {
      throw new NumberFormatException("\"" + digits + "\" is not a number");
    }
    return Double.parseDouble(digits.replace(",", ""));
  }

  private boolean take(char wanted) {
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
