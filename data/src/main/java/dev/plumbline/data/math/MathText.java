package dev.plumbline.data.math;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds and normalises answers as MATH's solutions write them. */
final class MathText {
  private static final Pattern UNIT =
      Pattern.compile(
          "(?<=[0-9}.)]|\\\\pi)\\\\?\\s*\\\\(text|mbox|mathrm)\\s*\\{[^{}]*\\}(\\^\\{?[0-9]\\}?)?$");

  private MathText() {}

  /** The content of the last {@code \boxed{...}} or {@code \fbox{...}}, or null. */
  static String boxed(String text) {
    int start = Math.max(text.lastIndexOf("\\boxed"), text.lastIndexOf("\\fbox"));
    if (start < 0) {
      return null;
    }
    int open = start + (text.startsWith("\\boxed", start) ? "\\boxed" : "\\fbox").length();
    while (open < text.length() && text.charAt(open) == ' ') {
      open++;
    }
    if (open >= text.length()) {
      return null;
    }
    if (text.charAt(open) != '{') { // \boxed 5
      int end = open;
      while (end < text.length() && "$ \n.,".indexOf(text.charAt(end)) < 0) {
        end++;
      }
      return text.substring(open, end);
    }
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return text.substring(open + 1, i);
      }
    }
    return null;
  }

  /**
   * One spelling for what means the same: no blanks, no dollar or percent signs, no degrees, no
   * unit after a number, {@code \frac} for its sisters, braces around its arguments. 50 % is 50,
   * not one half.
   */
  static String normalise(String answer) {
    String s = answer.strip().replace('\u2212', '-');
    while (s.endsWith(".")) {
      s = s.substring(0, s.length() - 1).strip();
    }
    s = s.replace("\\$", "").replace("$", "").replace("\\%", "").replace("%", "");
    s = s.replace("\\!", "").replace("{,}", ",").replace("\\,", "").replace("\\;", "");
    s = s.replace("\\ ", " ").replace("~", " ").replace("\\:", "");
    s = s.replaceAll("\\^\\s*\\{?\\s*\\\\circ\\s*\\}?", "").replace("\\degree", "");
    s = s.replaceAll("\\\\(left|right|displaystyle|textstyle|limits)(?![a-zA-Z])", "");
    s = s.replaceAll("\\\\[dtc]frac(?![a-zA-Z])", "\\\\frac");
    s = s.replaceAll("\\\\(lbrace|\\{)", "\\\\{").replaceAll("\\\\(rbrace|\\})", "\\\\}");
    s = UNIT.matcher(s.strip()).replaceFirst("");
    s = s.replaceAll("\\\\(text|mbox|mathrm|textbf|mathbf)\\s*\\{([^{}]*)\\}", "$2");
    s = s.replaceAll("\\s+", "");
    s = s.replaceAll("\\\\le(?![a-zA-Z])", "\\\\leq").replaceAll("\\\\ge(?![a-zA-Z])", "\\\\geq");
    return braced(s);
  }

  /** {@code \frac12} and {@code \frac1{72}} with braces around both arguments. */
  private static String braced(String s) {
    return s.replaceAll("\\\\frac([0-9])([0-9])", "\\\\frac{$1}{$2}")
        .replaceAll("\\\\frac([0-9])\\{", "\\\\frac{$1}{")
        .replaceAll("(\\\\frac\\{[^{}]*\\})([0-9a-z])", "$1{$2}");
  }

  /** Parts between separators that stand outside all brackets. */
  static List<String> split(String s, String separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (depth == 0 && s.startsWith(separator, i)) {
        parts.add(s.substring(from, i));
        from = i + separator.length();
        i = from - 1;
      }
    }
    parts.add(s.substring(from));
    return parts;
  }
}
