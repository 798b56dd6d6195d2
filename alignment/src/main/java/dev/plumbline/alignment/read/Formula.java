package dev.plumbline.alignment.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The formula of a page as data: definitions in a small arithmetic language, each as text and as a
 * tree of lists that the page's script evaluates. The class of the objective stays the source of
 * truth; ReadTest holds the two equal.
 *
 * <pre>
 *   a(y) = y.logPi - y.logRef                  y is a response
 *   L = mean[w &gt; l] -logSigma(beta * (a(w) - a(l)))
 *   sum[i after k] e        over the responses ranked behind k, equal ones in their order
 *   sum[k before last] e    over all responses but the last of that order
 *   sum[j to y.n] e         j = 0 .. n - 1, for the tokens y.ratio[j], y.weight[j]
 *   D(e)                    e without its gradient
 * </pre>
 *
 * <p>A fold such as {@code mean[w > l]} runs over the names that are not bound yet: with both free
 * over all pairs of different reward.
 *
 * @param definitions in order; the last one is L
 */
record Formula(List<Definition> definitions) {
  /**
   * One line.
   *
   * @param name what it defines
   * @param parameters responses, or the index of a token
   * @param text as written
   * @param tree numbers, and lists of an operator and its operands
   */
  record Definition(String name, List<String> parameters, String text, Object tree) {}

  private static final Pattern HEAD = Pattern.compile("(\\w+)(?:\\(([^)]*)\\))? = (.*)");

  /** Lines of a formula. */
  static Formula parse(List<String> lines) {
    List<Definition> definitions = new ArrayList<>();
    for (String line : lines) {
      Matcher head = HEAD.matcher(line);
      if (!head.matches()) {
        throw new IllegalArgumentException("'" + line + "' is no line of the form name = formula.");
      }
      List<String> parameters =
          head.group(2) == null ? List.of() : List.of(head.group(2).split(", "));
      definitions.add(
          new Definition(head.group(1), parameters, line, FormulaParser.parse(head.group(3))));
    }
    return new Formula(List.copyOf(definitions));
  }

  /**
   * The formulas of all objectives, from {@code formulas.txt} and from the blocks {@code formula}
   * of docs/math: a paragraph per formula, its names first.
   */
  static Map<String, Formula> all() {
    Map<String, Formula> formulas = new LinkedHashMap<>();
    for (String paragraph : Resources.text("formulas.txt").strip().split("\n\\s*\n")) {
      add(paragraph.lines().filter(line -> !line.startsWith("#")).toList(), formulas);
    }
    for (MathPage.Block block : MathPage.read(MathPage.LOSSES).formulas()) {
      add(block.lines(), formulas);
    }
    return formulas;
  }

  private static void add(List<String> lines, Map<String, Formula> formulas) {
    if (!lines.isEmpty()) {
      for (String name : lines.get(0).split(", ")) {
        formulas.put(name, parse(lines.subList(1, lines.size())));
      }
    }
  }

  /** The names that it reads from outside, such as {@code beta}; fields of responses have a dot. */
  boolean reads(String name) {
    return definitions.stream()
        .anyMatch(
            d ->
                Pattern.compile("(?<![\\w.])" + Pattern.quote(name) + "\\b")
                    .matcher(d.text())
                    .find());
  }
}
