package dev.plumbline.data.math;

import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an expression of LaTeX or plain text, without blanks, into an exact value by recursive
 * descent.
 *
 * <pre>
 *   sum    = ["+" | "-"] product { ("+" | "-") product }
 *   product= power { ["*" | "/"] power }
 *   power  = atom { "^" argument | "!" }
 *   atom   = number [fraction] | fraction | root | letter | function atom | bracket
 * </pre>
 */
final class Parser {
  private static final int MAX_DEPTH = 60;
  private static final Pattern NUMBER =
      Pattern.compile("([0-9]{1,3}(,[0-9]{3})+(?![0-9])|[0-9]+)(\\.[0-9]*)?|\\.[0-9]+");
  private static final Pattern COMMAND = Pattern.compile("\\\\[a-zA-Z]+");
  private static final Pattern INTEGER_FRACTION =
      Pattern.compile("\\\\frac\\{[0-9]+\\}\\{[0-9]+\\}");
  private static final Set<String> FUNCTIONS =
      Set.of(
          "\\sin",
          "\\cos",
          "\\tan",
          "\\cot",
          "\\sec",
          "\\csc",
          "\\log",
          "\\ln",
          "\\arcsin",
          "\\arccos",
          "\\arctan",
          "\\exp");

  private final String text;
  private int at;
  private int depth;

  private Parser(String text) {
    this.text = text;
  }

  /** The value; throws {@link Unsupported} for anything that is no such expression. */
  static Value parse(String text) {
    Parser parser = new Parser(text);
    Value value = parser.sum();
    if (parser.at < text.length()) {
      throw new Unsupported("\"" + text.charAt(parser.at) + "\" at " + parser.at);
    }
    return value;
  }

  private Value sum() {
    if (++depth > MAX_DEPTH) {
      throw new Unsupported("nested too deeply");
    }
    boolean negative = take("-");
    if (!negative) {
      take("+");
    }
    Value value = negative ? product().negated() : product();
    while (true) {
      if (take("+")) {
        value = value.plus(product());
      } else if (take("-")) {
        value = value.plus(product().negated());
      } else {
        depth--;
        return value;
      }
    }
  }

  private Value product() {
    Value value = power();
    while (at < text.length()) {
      if (take("*") || take("\\cdot") || take("\\times")) {
        value = value.times(signed());
      } else if (take("/") || take("\\div")) {
        value = value.over(signed());
      } else if (startsAtom()) {
        value = value.times(power());
      } else {
        break;
      }
    }
    return value;
  }

  private Value signed() {
    return take("-") ? power().negated() : power();
  }

  private boolean startsAtom() {
    char c = text.charAt(at);
    return Character.isLetterOrDigit(c) || "({[.".indexOf(c) >= 0 || (c == '\\' && !operator());
  }

  private boolean operator() {
    return text.startsWith("\\pm", at) || text.startsWith("\\cup", at);
  }

  private Value power() {
    Value value = atom();
    while (at < text.length()) {
      if (take("^")) {
        value = value.power(argument());
      } else if (take("!")) {
        value = factorial(value);
      } else {
        break;
      }
    }
    return value;
  }

  private static Value factorial(Value value) {
    Rational n = value.rational();
    if (n == null
        || !n.denominator().equals(BigInteger.ONE)
        || n.numerator().signum() < 0
        || n.numerator().compareTo(BigInteger.valueOf(50)) > 0) {
      throw new Unsupported("the factorial of " + value);
    }
    BigInteger product = BigInteger.ONE;
    for (int i = 2; i <= n.numerator().intValue(); i++) {
      product = product.multiply(BigInteger.valueOf(i));
    }
    return Value.of(Rational.of(product));
  }

  private Value atom() {
    if (at >= text.length()) {
      throw new Unsupported("an end where a value belongs");
    }
    char c = text.charAt(at);
    if (Character.isDigit(c) || c == '.') {
      return number();
    }
    if (c == '\\') {
      return command();
    }
    if (c == '(' || c == '{' || c == '[') {
      at++;
      Value inside = sum();
      expect(c == '(' ? ")" : c == '{' ? "}" : "]");
      return inside;
    }
    if (c == '|') {
      at++;
      Value inside = sum();
      expect("|");
      Rational r = inside.rational();
      return r == null
          ? Value.symbol("|" + inside + "|")
          : Value.of(new Rational(r.numerator().abs(), r.denominator()));
    }
    if (Character.isLetter(c)) {
      at++;
      return letter(String.valueOf(c));
    }
    throw new Unsupported("\"" + c + "\" where a value belongs");
  }

  /** A symbol with its subscript; i is the imaginary unit. */
  private Value letter(String name) {
    if (take("_")) {
      int start = at;
      argument();
      return Value.symbol(name + "_" + text.substring(start, at).replaceAll("[{}]", ""));
    }
    return name.equals("i")
        ? Value.of(Polynomial.root(BigInteger.ONE.negate()))
        : Value.symbol(name);
  }

  private Value number() {
    Matcher matcher = NUMBER.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw new Unsupported("no number at " + at);
    }
    String digits = matcher.group().replace(",", "");
    at = matcher.end();
    if (take("_")) { // a numeral of another base
      int start = at;
      argument();
      return Value.symbol(digits + "_" + text.substring(start, at).replaceAll("[{}]", ""));
    }
    Value whole = Value.of(Rational.ofDecimal(digits.endsWith(".") ? digits + "0" : digits));
    boolean mixed =
        digits.indexOf('.') < 0
            && INTEGER_FRACTION.matcher(text).region(at, text.length()).lookingAt();
    return mixed ? whole.plus(command()) : whole;
  }

  private Value command() {
    Matcher matcher = COMMAND.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw new Unsupported("no command at " + at);
    }
    String name = matcher.group();
    at = matcher.end();
    if (name.equals("\\frac")) {
      Value above = argument();
      return above.over(argument());
    }
    if (name.equals("\\sqrt")) {
      return root();
    }
    if (FUNCTIONS.contains(name)) {
      String function = name;
      if (take("_") || take("^")) {
        function += text.charAt(at - 1) + "(" + argument() + ")";
      }
      return Value.symbol(function + "(" + power() + ")");
    }
    return letter(name);
  }

  private Value root() {
    if (!take("[")) {
      return argument().squareRoot();
    }
    Value degree = sum();
    expect("]");
    Value inside = argument();
    return degree.same(Value.of(Rational.of(BigInteger.TWO)))
        ? inside.squareRoot()
        : Value.symbol("root(" + degree + "," + inside + ")");
  }

  /** What stands in braces, or a single digit, letter or command. */
  private Value argument() {
    if (at < text.length() && Character.isDigit(text.charAt(at))) {
      return Value.of(Rational.of(BigInteger.valueOf(text.charAt(at++) - '0')));
    }
    if (take("-")) {
      return argument().negated();
    }
    return atom();
  }

  private boolean take(String wanted) {
    if (text.startsWith(wanted, at)) {
      at += wanted.length();
      return true;
    }
    return false;
  }

  private void expect(String wanted) {
    if (!take(wanted)) {
      throw new Unsupported("no \"" + wanted + "\" at " + at);
    }
  }
}
