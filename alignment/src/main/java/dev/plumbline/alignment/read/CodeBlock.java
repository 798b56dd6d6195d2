package dev.plumbline.alignment.read;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Code as HTML, with the statements of equations marked: those that a comment {@code // Eq. 7}
 * names or, where the paper numbers nothing, those that return the loss.
 */
final class CodeBlock {
  private static final Pattern EQUATION = Pattern.compile("\\bEq\\. \\d+");

  private static final Pattern FORMULA =
      Pattern.compile("^[\\w<> ]*\\b(value|pair|build|of)\\([^)]*(\\) \\{)?$");

  private CodeBlock() {}

  /** Whether a line of code names an equation. */
  static boolean hasEquations(String code) {
    return code.lines().anyMatch(line -> !equations(line).isEmpty());
  }

  /**
   * A block.
   *
   * @param code Java, indented as in its file
   * @param markReturns whether statements that return something are marked in place of equations
   */
  static String html(String code, boolean markReturns) {
    String[] lines = unindent(code).split("\n");
    String[] labels = labels(lines, markReturns);
    String[] coloured = Highlighter.html(String.join("\n", lines)).split("\n");
    StringBuilder html = new StringBuilder("<pre class=\"code\" tabindex=\"0\"><code>");
    for (int i = 0; i < coloured.length; i++) {
      html.append("<span class=\"line")
          .append(labels[i] == null ? "\">" : " marked\">")
          .append(coloured[i])
          .append("\n</span>");
    }
    return html.append("</code></pre>").toString();
  }

  /** The label of each line, or null. */
  private static String[] labels(String[] lines, boolean markReturns) {
    String[] labels = new String[lines.length];
    boolean formula = false; // whether the method is one that returns the loss
    for (int i = 0; i < lines.length; i++) {
      formula |= FORMULA.matcher(lines[i]).find();
      formula &= !lines[i].equals("}");
      String label = equations(lines[i]);
      if (markReturns) {
        label = formula && lines[i].strip().startsWith("return ") ? "loss" : "";
      }
      if (label.isEmpty()) {
        continue;
      }
      int first = i;
      while (first > 0 && !ends(lines[first - 1]) && !isComment(lines[first - 1])) {
        first--;
      }
      int last = i;
      boolean wholeMethod = isComment(lines[i]); // its Javadoc names the equation
      while (last + 1 < lines.length
          && (wholeMethod ? !lines[last].equals("}") : !ends(lines[last]))) {
        last++;
      }
      Arrays.fill(labels, first, last + 1, label);
    }
    return labels;
  }

  private static boolean ends(String line) {
    String code = SourceFile.codeOf(line);
    return code.isEmpty() || code.endsWith(";") || code.endsWith("{") || code.endsWith("}");
  }

  private static boolean isComment(String line) {
    return SourceFile.codeOf(line).isEmpty();
  }

  /** {@code Eq. 6, Eq. 7} of a comment at the end of a line or of a one-line Javadoc. */
  private static String equations(String line) {
    String stripped = line.strip();
    boolean oneLine = stripped.startsWith("/**") && stripped.endsWith("*/");
    int comment = oneLine ? 0 : line.indexOf("//");
    if (comment < 0 || stripped.startsWith("*")) {
      return "";
    }
    Matcher matcher = EQUATION.matcher(line.substring(comment));
    StringBuilder names = new StringBuilder();
    while (matcher.find()) {
      names.append(names.length() == 0 ? "" : ", ").append(matcher.group());
    }
    return names.toString();
  }

  private static String unindent(String code) {
    boolean member = code.startsWith("  ");
    return member ? code.replaceAll("(?m)^  ", "") : code;
  }
}
