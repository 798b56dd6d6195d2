package dev.plumbline.alignment.read;

import dev.plumbline.alignment.report.page.Html;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The formula of a neighbour beside that of a page. A line that both have stays as it is; two lines
 * that define the same name are compared word by word; other lines are added or missing as a whole.
 */
final class FormulaDiff {
  private static final Pattern WORD = Pattern.compile("\\w+|[^\\w\\s]| ");

  private FormulaDiff() {}

  /**
   * A neighbour's formula as HTML.
   *
   * @param own definitions of the page's formula
   * @param other definitions of the neighbour's: {@code ins} is what it adds, {@code del} what it
   *     lacks
   */
  static String html(Formula own, Formula other) {
    List<String> lines = new ArrayList<>();
    Set<String> used = new HashSet<>();
    for (Formula.Definition theirs : other.definitions()) {
      String ours =
          own.definitions().stream()
              .filter(definition -> definition.name().equals(theirs.name()))
              .map(Formula.Definition::text)
              .findFirst()
              .orElse(null);
      used.add(theirs.name());
      lines.add(ours == null ? Markup.text("ins", theirs.text()) : words(ours, theirs.text()));
    }
    for (Formula.Definition definition : own.definitions()) {
      if (!used.contains(definition.name())) {
        lines.add(Markup.text("del", definition.text()));
      }
    }
    return String.join("\n", lines);
  }

  private static String words(String own, String other) {
    List<String> a = split(own);
    List<String> b = split(other);
    int[][] common = common(a, b);
    if (common[0][0] * 2 < Math.max(a.size(), b.size())) {
      return Markup.text("del", own) + "\n" + Markup.text("ins", other);
    }
    StringBuilder html = new StringBuilder();
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      int fromI = i;
      int fromJ = j;
      while ((i < a.size() || j < b.size()) && !same(a, i, b, j)) {
        if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
          i++;
        } else {
          j++;
        }
      }
      mark(html, "del", a.subList(fromI, i));
      mark(html, "ins", b.subList(fromJ, j));
      for (; same(a, i, b, j); i++, j++) {
        html.append(Html.escape(b.get(j)));
      }
    }
    return html.toString();
  }

  private static boolean same(List<String> a, int i, List<String> b, int j) {
    return i < a.size() && j < b.size() && a.get(i).equals(b.get(j));
  }

  private static void mark(StringBuilder html, String tag, List<String> words) {
    if (!words.isEmpty()) {
      html.append(Markup.text(tag, String.join("", words)));
    }
  }

  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  /** Lengths of the longest common subsequences of all pairs of tails. */
  private static int[][] common(List<String> a, List<String> b) {
    int[][] common = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }
}
