package dev.plumbline.data.math;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Translates the LaTeX of an answer to Symja's input language, with every operation in brackets.
 *
 * <p>Symja's TeX parser is not used, because it guesses: it parses {@code 1\frac12} and {@code
 * \frac10} both as {@code $Aborted}, whose difference is 0, and {@code \sin 30} as {@code
 * 0*Sin(3)}. This grammar refuses unknown and ambiguous text, such as {@code \sin 2x}. Decimals become fractions, so that every comparison is exact; letters except e and i become names that Symja does not know.
 */
final class SymjaText {
  private static final int MAX_CHARACTERS = 200;
  private static final int MAX_DEPTH = 30;
  private static final Pattern NUMBER =
      Pattern.compile("([0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?:\\.([0-9]{1,30}))?");
  private static final Pattern MIXED = Pattern.compile("\\\\frac\\{([0-9]+)\\}\\{([0-9]+)\\}");
  private static final Pattern COMMAND =
      Pattern.compile(
          "\\\\(frac|sqrt|pi|theta|alpha|beta|arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|log|ln)");
  private static final Pattern NUMERIC = Pattern.compile("[0-9()*/+-]+");
  private static final Pattern LARGE = Pattern.compile("[0-9]{4}");

  /** An integer or a fraction. */
  private static final Pattern SMALL =
      Pattern.compile("[(-]*[0-9]{1,3}\\)*(/\\(*[0-9]{1,3})?\\)*");

  private static final Map<String, String> FUNCTIONS =
      Map.ofEntries(
          Map.entry("sin", "Sin"),
          Map.entry("cos", "Cos"),
          Map.entry("tan", "Tan"),
          Map.entry("cot", "Cot"),
          Map.entry("sec", "Sec"),
          Map.entry("csc", "Csc"),
          Map.entry("arcsin", "ArcSin"),
          Map.entry("arccos", "ArcCos"),
          Map.entry("arctan", "ArcTan"),
          Map.entry("ln", "Log"));

  private final String text;
  private int at;
  private int depth;

  private SymjaText(String text) {
    this.text = text;
  }

  /** Translates a normalised answer; throws {@link Unsupported} if it cannot. */
  static String of(String normalised) {
    if (normalised.length() > MAX_CHARACTERS) {
      throw new Unsupported("more than " + MAX_CHARACTERS + " characters");
    }
    SymjaText parser = new SymjaText(normalised);
    String sum = parser.sum();
    if (parser.at < normalised.length()) {
      throw new Unsupported("\"" + normalised.charAt(parser.at) + "\" at " + parser.at);
    }
    return sum;
  }

  private String sum() {
    if (++depth > MAX_DEPTH) {
      throw new Unsupported("nested too deeply");
    }
    StringBuilder sum = new StringBuilder("(").append(take("-") ? "-" : "").append(product());
    while (at < text.length()) {
      if (take("+")) {
        sum.append('+').append(product());
      } else if (take("-")) {
        sum.append('-').append(product());
      } else {
        break;
      }
    }
    depth--;
    return sum.append(')').toString();
  }

  private String product() {
    StringBuilder product = new StringBuilder(power());
    while (at < text.length()) {
      if (take("*") || take("\\cdot") || take("\\times")) {
        product.append('*').append(power());
      } else if (take("/")) {
        product.append('/').append(power());
      } else if (startsAtom() && !Character.isDigit(text.charAt(at))) {
        product.append('*').append(power());
      } else {
        break;
      }
    }
    return product.toString();
  }

  private boolean startsAtom() {
    return Character.isLetterOrDigit(text.charAt(at))
        || "({".indexOf(text.charAt(at)) >= 0
        || COMMAND.matcher(text).region(at, text.length()).lookingAt();
  }

  private String power() {
    String base = atom();
    return take("^") ? raised(base) : base;
  }

  /** Powers must not be nested, and a number in an exponent has at most three digits: no 9^{9^9}. */
  private String raised(String base) {
    String exponent = argument();
    boolean number = NUMERIC.matcher(exponent).matches();
    if (exponent.contains("^")
        || LARGE.matcher(exponent).find()
        || (number && !SMALL.matcher(exponent).matches())) {
      throw new Unsupported("the power " + exponent);
    }
    refuse("^");
    return "(" + base + "^" + exponent + ")";
  }

  private String atom() {
    char c = at < text.length() ? text.charAt(at) : ' ';
    if (Character.isDigit(c) || c == '.') {
      return number();
    }
    if (c == '(' || c == '{') {
      at++;
      String inside = sum();
      expect(c == '(' ? ")" : "}");
      return inside;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      at++;
      refuse("_");
      return c == 'e' ? "E" : c == 'i' ? "I" : "letter" + (int) c;
    }
    return command();
  }

  private String number() {
    Matcher matcher = NUMBER.matcher(text).region(at, text.length());
    if (!matcher.lookingAt() || matcher.end() == at) {
      throw new Unsupported("no number at " + at);
    }
    at = matcher.end();
    refuse("_", ".", "\\overline");
    String whole = matcher.group(1) == null ? "" : matcher.group(1).replace(",", "");
    String places = matcher.group(2);
    if (places != null) {
      return "(" + plain(whole + places) + "/1" + "0".repeat(places.length()) + ")";
    }
    Matcher mixed = MIXED.matcher(text).region(at, text.length());
    if (mixed.lookingAt()) {
      at = mixed.end();
      return "(" + plain(whole) + "+" + plain(mixed.group(1)) + "/" + plain(mixed.group(2)) + ")";
    }
    return plain(whole);
  }

  private static String plain(String digits) {
    String plain = digits.replaceFirst("^0+(?=[0-9])", "");
    return plain.isEmpty() ? "0" : plain;
  }

  private String command() {
    Matcher matcher = COMMAND.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw new Unsupported("no value at " + at);
    }
    at = matcher.end();
    String name = matcher.group(1);
    if (!name.equals("log")) {
      refuse("_");
    }
    return switch (name) {
      case "frac" -> "(" + argument() + "/" + argument() + ")";
      case "sqrt" -> root();
      case "log" -> logarithm();
      case "pi" -> "Pi";
      case "theta", "alpha", "beta" -> "greek" + name;
      default -> function(FUNCTIONS.get(name));
    };
  }

  private String root() {
    if (!take("[")) {
      return "Sqrt(" + argument() + ")";
    }
    Matcher degree = Pattern.compile("([2-9])\\]").matcher(text).region(at, text.length());
    if (!degree.lookingAt()) {
      throw new Unsupported("a root's degree at " + at);
    }
    at = degree.end();
    return "(" + argument() + "^(1/" + degree.group(1) + "))";
  }

  /** Without a base, the base is 10 or e, depending on the author. */
  private String logarithm() {
    if (!take("_")) {
      throw new Unsupported("a logarithm without its base");
    }
    String base = argument();
    take("\\quad"); // the blank in \log_2 8
    return "Log(" + base + "," + applied() + ")";
  }

  private String function(String name) {
    String power = "";
    if (take("^")) {
      power = argument();
      if (!power.matches("\\(?[2-9]\\)?")) { // the power -1 is the inverse
        throw new Unsupported("the function to the power " + power);
      }
    }
    String value = name + "(" + applied() + ")";
    return power.isEmpty() ? value : "(" + value + "^" + power + ")";
  }

  /** An argument in brackets, or one letter, number, fraction or root that nothing follows. */
  private String applied() {
    boolean bracketed = at < text.length() && "({".indexOf(text.charAt(at)) >= 0;
    String value = atom();
    if (bracketed ? text.startsWith("^", at) : at < text.length() && ambiguous()) {
      throw new Unsupported("a function whose argument may end at " + at + " or later");
    }
    return value;
  }

  private boolean ambiguous() {
    return "^*/!".indexOf(text.charAt(at)) >= 0
        || text.startsWith("\\cdot", at)
        || text.startsWith("\\times", at)
        || (startsAtom() && !COMMAND.matcher(text).region(at, text.length()).lookingAt());
  }

  private String argument() {
    if (at < text.length() && Character.isDigit(text.charAt(at))) {
      return String.valueOf(text.charAt(at++));
    }
    return atom();
  }

  private void refuse(String... following) {
    for (String s : following) {
      if (text.startsWith(s, at)) {
        throw new Unsupported("\"" + s + "\" at " + at);
      }
    }
  }

  private boolean take(String wanted) {
    boolean there = text.startsWith(wanted, at);
    at += there ? wanted.length() : 0;
    return there;
  }

  private void expect(String wanted) {
    if (!take(wanted)) {
      throw new Unsupported("no \"" + wanted + "\" at " + at);
    }
  }
}
