package dev.plumbline.alignment.objective;

import java.util.List;
import java.util.Locale;

/**
 * A value as a tree of named factors, for reports and for readers.
 *
 * @param name the symbol, with its formula where it has one
 * @param value its value
 * @param factors what it was computed from
 */
public record Explanation(String name, double value, List<Explanation> factors) {
  /** A node. */
  public static Explanation of(String name, double value, Explanation... factors) {
    return new Explanation(name, value, List.of(factors));
  }

  /** One line a factor, indented. */
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
