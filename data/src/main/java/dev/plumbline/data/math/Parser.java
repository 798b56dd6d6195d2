package dev.plumbline.data.math;

import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses an expression in LaTeX or plain text, without blanks, to an exact value by recursive
 * descent.
 *
 * <pre>
 *   sum    = ["+" | "-"] product { ("+" | "-") ["-"] product }
 *   product= power { ["*" | "/"] power }
 *   power  = atom { "!" } [ "^" exponent ]
 *   atom   = number [fraction] | fraction | root | letter | function atom | bracket
 * </pre>
 */
final class Parser {
  private static final int MAX_DEPTH = 60;
  private static final int MAX_FACTORIAL = 400;
  private static final Pattern NUMBER =
      Pattern.compile("([0-9]{1,3}(,[0-9]{3})+(?![0-9])|[0-9]+)(\\.[0-9]*)?|\\.[0-9]+");
  private static final Pattern DIGITS = Pattern.compile("[0-9]+(\\.[0-9]+)?");
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
          "\\arctan");

  /** Commands that denote a value; no other command may be a factor. */
  private static final Set<String> SYMBOLS =
      Set.of(
          ("\\pi \\theta \\alpha \\beta \\gamma \\delta \\epsilon \\lambda \\mu \\phi \\varphi \\omega \\sigma"
                  + " \\tau \\rho \\infty \\ell \\emptyset \\varnothing \\mathbb \\Delta \\Omega")
              .split(" "));

  private static final Set<String> OTHERS =
      Set.of("\\frac", "\\sqrt", "\\exp", "\\binom", "\\overline", "\\vec", "\\hat", "\\bar");

  private static final Pattern REPEATING = Pattern.compile("\\\\overline\\{([0-9]{1,50})\\}");

  private final String text;
  private int at;
  private int depth;

  private Parser(String text) {
    this.text = text;
  }

  /** Parses a text; throws {@link Unsupported} for anything else than such an expression. */
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
        value = value.plus(take("-") ? product().negated() : product()); // 3+-2
      } else if (take("-")) {
        value = value.plus(take("-") ? product() : product().negated());
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
    return Character.isLetterOrDigit(c) || "({[.".indexOf(c) >= 0 || c == '\\';
  }

  /** {@code 2^3^2} is 2 to the power 9; a number of several digits needs no braces. */
  private Value power() {
    Value value = atom();
    while (at < text.length()) {
      if (take("^")) {
        value = value.power(exponent());
      } else if (take("!")) {
        value = factorial(value);
      } else {
        break;
      }
    }
    return value;
  }

  private Value exponent() {
    if (take("-")) {
      return exponent().negated();
    }
    take("+");
    Value value = digits();
    return take("^") ? value.power(exponent()) : value;
  }

  private static Value factorial(Value value) {
    Rational n = value.rational();
    if (n == null
        || !n.denominator().equals(BigInteger.ONE)
        || n.numerator().signum() < 0
        || n.numerator().compareTo(BigInteger.valueOf(MAX_FACTORIAL)) > 0) {
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
      throw new Unsupported("an end instead of a value");
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
    throw new Unsupported("\"" + c + "\" instead of a value");
  }

  /** The text of a subscript; several digits are one subscript. */
  private String subscript() {
    int start = at;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      argument();
    }
    return text.substring(start, at).replaceAll("[{}]", "");
  }

  /** A symbol with its subscript; {@code i} is the imaginary unit. */
  private Value letter(String name) {
    if (take("_")) {
      return Value.symbol(name + "_" + subscript());
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
    if (take("_")) { // a numeral in another base
      return Value.symbol(digits + "_" + subscript());
    }
    Value whole = Value.of(Rational.ofDecimal(digits.endsWith(".") ? digits + "0" : digits));
    Matcher repeating = REPEATING.matcher(text).region(at, text.length());
    if (digits.indexOf('.') >= 0 && repeating.lookingAt()) { // 0.1\overline{6}
      at = repeating.end();
      int places = digits.length() - digits.indexOf('.') - 1;
      String period = repeating.group(1);
      BigInteger nines = BigInteger.TEN.pow(period.length()).subtract(BigInteger.ONE);
      return whole.plus(
          Value.of(
              new Rational(new BigInteger(period), nines.multiply(BigInteger.TEN.pow(places)))));
    }
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
    String name = known(matcher.group());
    at += name.length();
    if (name.equals("\\frac")) {
      Value above = argument();
      return above.over(argument());
    }
    if (name.equals("\\sqrt")) {
      return root();
    }
    if (name.equals("\\exp")) {
      return Value.symbol("e").power(text.startsWith("(", at) ? atom() : power());
    }
    if (name.equals("\\binom")) {
      Value above = argument();
      return binomial(above, argument());
    }
    if (OTHERS.contains(name)) { // a line or an arrow over letters
      int start = at;
      argument();
      return Value.symbol(name + text.substring(start, at));
    }
    return FUNCTIONS.contains(name) ? function(name) : letter(name);
  }

  /**
   * {@code \sin^2 x} and {@code \sin(x)^2} are the square of the sine; {@code \sin x^2} is the sine
   * of a square. A power below 1 stays with the name: -1 means the inverse function.
   */
  private Value function(String name) {
    String base = take("_") ? "_(" + argument() + ")" : "";
    Value power = take("^") ? argument() : null;
    boolean bracketed = text.startsWith("(", at);
    String applied = "(" + (bracketed ? atom() : power()) + ")";
    Rational n = power == null ? null : power.rational();
    if (n != null && n.numerator().signum() > 0) {
      return Value.symbol(name + base + applied).power(power);
    }
    return Value.symbol(name + base + (power == null ? "" : "^(" + power + ")") + applied);
  }

  /**
   * The longest known command at the start of this one: without blanks, {@code \sinx} is the sine
   * of x.
   */
  private static String known(String command) {
    for (int end = command.length(); end > 1; end--) {
      String name = command.substring(0, end);
      if (SYMBOLS.contains(name) || FUNCTIONS.contains(name) || OTHERS.contains(name)) {
        return name;
      }
    }
    throw new Unsupported("the command " + command);
  }

  private static Value binomial(Value above, Value below) {
    Rational n = above.rational();
    Rational k = below.rational();
    if (n == null
        || k == null
        || !n.denominator().equals(BigInteger.ONE)
        || !k.denominator().equals(BigInteger.ONE)
        || n.numerator().bitLength() > 7
        || k.numerator().signum() < 0
        || k.numerator().compareTo(n.numerator()) > 0) {
      return Value.symbol("binom(" + above + "," + below + ")");
    }
    BigInteger value = BigInteger.ONE;
    for (int i = 1; i <= k.numerator().intValue(); i++) {
      value =
          value
              .multiply(n.numerator().subtract(BigInteger.valueOf(i - 1)))
              .divide(BigInteger.valueOf(i));
    }
    return Value.of(Rational.of(value));
  }

  private Value root() {
    if (!take("[") || take("]")) {
      return digits().squareRoot();
    }
    Value degree = sum();
    expect("]");
    Rational n = degree.rational();
    Value inside = digits();
    return n != null && n.denominator().equals(BigInteger.ONE)
        ? inside.root(n.numerator())
        : Value.symbol("root(" + degree + "," + inside + ")");
  }

  /**
   * An argument that may have several digits: {@code 2^10} and {@code \sqrt17} are meant like this,
   * although LaTeX takes only the first digit.
   */
  private Value digits() {
    Matcher matcher = DIGITS.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      return argument();
    }
    at = matcher.end();
    return Value.of(Rational.ofDecimal(matcher.group()));
  }

  /** The content of braces, or a single digit, letter or command. */
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
