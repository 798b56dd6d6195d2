package dev.plumbline.alignment.objective;

import java.util.List;
import java.util.Locale;

/**
 * A value as a tree of named factors, for reports and readers.
 *
 * @param name the symbol, with its formula if it has one
 * @param value its value
 * @param factors the factors that it was computed from
 */
public record Explanation(String name, double value, List<Explanation> factors) {
  /** Creates a node. */
  public static Explanation of(String name, double value, Explanation... factors) {
    return new Explanation(name, value, List.of(factors));
  }

  /** Returns one indented line per factor. */
  public String text() {
    StringBuilder text = new StringBuilder();
    append(text, 0);
    return text.toString();
  }

  private void append(StringBuilder text, int depth) {
    text.append("  ".repeat(depth))
        .append(String.format(Locale.ROOT, "%-60s %12.6f%n", name, value));
    factors.forEach(factor -> factor.append(text, depth + 1));
  }
}
