package dev.plumbline.alignment.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the language of {@link Formula} into trees: {@code ["+", 1, ["name", "beta"]]}. */
final class FormulaParser {
  private static final Pattern TOKEN =
      Pattern.compile("\\s*(\\d+(?:\\.\\d+)?(?:e-?\\d+)?|\\w+|[-+*/^()\\[\\],.>])");

  private static final Set<String> FOLDS = Set.of("sum", "mean", "min", "max");

  private final String text;
  private final List<String> tokens = new ArrayList<>();
  private int at;

  private FormulaParser(String text) {
    this.text = text;
    Matcher matcher = TOKEN.matcher(text);
    int end = 0;
    while (end < text.length()) {
      if (!matcher.find(end) || matcher.start() != end) {
        throw new IllegalArgumentException(
            "'" + text.substring(end) + "' in '" + text + "' cannot be read.");
      }
      tokens.add(matcher.group(1));
      end = matcher.end();
    }
  }

  static Object parse(String text) {
    FormulaParser parser = new FormulaParser(text);
    Object tree = parser.sum();
    if (parser.at < parser.tokens.size()) {
      throw parser.unexpected();
    }
    return tree;
  }

  private Object sum() {
    Object left = product();
    while (see("+") || see("-")) {
      left = List.of(next(), left, product());
    }
    return left;
  }

  private Object product() {
    Object left = signed();
    while (see("*") || see("/")) {
      left = List.of(next(), left, signed());
    }
    return left;
  }

  private Object signed() {
    if (see("-")) {
      next();
      return List.of("negative", signed());
    }
    Object base = atom();
    if (see("^")) {
      next();
      return List.of("^", base, signed());
    }
    return base;
  }

  private Object atom() {
    String token = next();
    if (token.equals("(")) {
      Object inner = sum();
      take(")");
      return inner;
    }
    if (Character.isDigit(token.charAt(0))) {
      return Double.valueOf(token);
    }
    if (!token.matches("\\w+")) {
      at--;
      throw unexpected();
    }
    if (see("[") && FOLDS.contains(token)) {
      return fold(token);
    }
    if (see("(")) {
      return call(token);
    }
    if (see(".")) {
      next();
      String field = next();
      if (see("[")) {
        next();
        Object index = sum();
        take("]");
        return List.of("token", token, field, index);
      }
      return List.of("field", token, field);
    }
    return List.of("name", token);
  }

  private Object call(String name) {
    List<Object> call = new ArrayList<>(List.of("call", name));
    take("(");
    call.add(sum());
    while (see(",")) {
      next();
      call.add(sum());
    }
    take(")");
    return call;
  }

  /** {@code sum[w > l] e}, {@code sum[i after k] e}, {@code sum[y] e} or {@code sum[j to n] e}. */
  private Object fold(String fold) {
    take("[");
    String first = next();
    if (see("]")) {
      next();
      return List.of("fold", fold, "all", first, first, product());
    }
    String relation = next();
    Object second = relation.equals("to") ? sum() : next();
    if (!Set.of(">", "after", "before", "to").contains(relation)) {
      throw new IllegalArgumentException("'" + relation + "' in '" + text + "' is no relation.");
    }
    take("]");
    return relation.equals("to")
        ? List.of("range", fold, first, second, product())
        : List.of("fold", fold, relation, first, second, product());
  }

  private boolean see(String token) {
    return at < tokens.size() && tokens.get(at).equals(token);
  }

  private String next() {
    if (at == tokens.size()) {
      throw new IllegalArgumentException("'" + text + "' ends too early.");
    }
    return tokens.get(at++);
  }

  private void take(String token) {
    if (!see(token)) {
      throw unexpected();
    }
    at++;
  }

  private IllegalArgumentException unexpected() {
    String found = at < tokens.size() ? "'" + tokens.get(at) + "'" : "the end";
    return new IllegalArgumentException(found + " is not expected in '" + text + "'.");
  }
}
