package dev.plumbline.data.math;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds and normalises answers as MATH's solutions write them. */
final class MathText {
  private static final Pattern UNIT =
      Pattern.compile(
          "(?<=[0-9}.)]|\\\\pi)\\\\?\\s*\\\\(text|mbox|mathrm)\\s*\\{(?![^{}]*"
              + "(hundred|thousand|million|billion|trillion|dozen))[^{}]*\\}(\\^\\{?[0-9]\\}?)?$");

  private static final Pattern WORDS =
      Pattern.compile(
          "\\$?\\\\(text|mbox|textbf)\\s*\\{[^{}0-9]*[a-zA-Z]{2,}[^{}0-9]*\\}\\.?\\$?\\.?");

  /** Units without a command, after a blank; no other letters go, since they are variables. */
  private static final Pattern PLAIN_UNIT =
      Pattern.compile(
          "(?<=[0-9}.)])\\s+((square|cubic)\\s+)?(cm|mm|km|kg|ft|mph|meters?|metres?|centimeters?|feet|foot|inch|inches"
              + "|yards?|miles?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|dollars?|cents?|units?|degrees?"
              + "|percent)(\\^\\{?[23]\\}?)?$");

  private static final Pattern AND =
      Pattern.compile(
          "\\s*,?\\s*\\\\(?:text|mbox|mathrm)\\s*\\{\\s*,?\\s*(?:and|or)\\s*,?\\s*\\}\\s*"
              + "|(?<=[0-9})])\\s*,?\\s+(?:and|or)\\s+(?=[-0-9\\\\(])");
  private static final Pattern MIXED =
      Pattern.compile("(?<![0-9./}])([0-9]+) +([0-9]+) */ *([0-9]+)(?![0-9.])");
  private static final Pattern GROUPS_OF_THREE =
      Pattern.compile("(?<![0-9.])[0-9]{1,3}( [0-9]{3})+(?![0-9])");

  /** What models write in place of LaTeX's commands. */
  private static final String[][] CHARACTERS = {
    {"\u2212", "-"},
    {"\u00d7", "\\times "},
    {"\u00b7", "\\cdot "},
    {"\u00f7", "\\div "},
    {"\u03c0", "\\pi "},
    {"\u221a", "\\sqrt "},
    {"\u221e", "\\infty "},
    {"\u222a", "\\cup "},
    {"\u2264", "\\leq "},
    {"\u2265", "\\geq "},
    {"\u00b1", "\\pm "},
    {"\u00b0", "^\\circ "},
    {"\u00b2", "^2"},
    {"\u00b3", "^3"},
  };

  private MathText() {}

  /**
   * The content of the last {@code \boxed{...}} or {@code \fbox{...}} whose braces balance, or of a
   * later {@code \boxed 5}; null when there is none. One pass, so that thousands of open boxes cost
   * no more than their length.
   */
  static String boxed(String text) {
    Deque<int[]> open = new ArrayDeque<>(); // {where the brace opens, 1 for a box's}
    int best = -1;
    String content = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        String name =
            text.startsWith("\\boxed", i)
                ? "\\boxed"
                : text.startsWith("\\fbox", i) ? "\\fbox" : "";
        if (name.isEmpty()) {
          i++; // \{ and \} are no braces
          continue;
        }
        int brace = i + name.length();
        while (brace < text.length() && text.charAt(brace) == ' ') {
          brace++;
        }
        if (brace < text.length() && text.charAt(brace) == '{') {
          open.push(new int[] {brace, 1});
          i = brace;
        } else {
          String bare = bare(text, brace);
          if (!bare.isEmpty()) {
            best = brace;
            content = bare;
          }
          i = brace - 1;
        }
      } else if (c == '{') {
        open.push(new int[] {i, 0});
      } else if (c == '}' && !open.isEmpty()) {
        int[] last = open.pop();
        if (last[1] == 1 && last[0] > best) {
          best = last[0];
          content = text.substring(last[0] + 1, i);
        }
      }
    }
    return content;
  }

  /** What follows {@code \boxed} without braces: one word. */
  private static String bare(String text, int from) {
    int end = from;
    while (end < text.length() && "$ \n.,}".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return text.substring(from, end);
  }

  /**
   * One spelling for what means the same: no blanks, no dollar or percent signs, no degrees, no
   * unit after a number, {@code \frac} for its sisters, braces around its arguments, commas for
   * "and" and "or". 50 % is 50, not one half. {@code 1 1/2} is a mixed number and {@code 10 000}
   * one number; other digits with a blank between them stay apart.
   */
  static String normalise(String answer) {
    String s = answer.strip();
    for (String[] character : CHARACTERS) {
      s = s.replace(character[0], character[1]);
    }
    while (s.endsWith(".")) {
      s = s.substring(0, s.length() - 1).strip();
    }
    s = s.replace("\\$", "").replace("$", "").replace("\\%", "").replace("%", "");
    s = s.replace("\\!", "").replace("{,}", ",").replace("\\,", "").replace("\\;", "");
    s = s.replace("\\ ", " ").replace("~", " ").replace("\\:", "");
    s = s.replaceAll("\\^\\s*\\{?\\s*\\\\circ\\s*\\}?(?!\\s*[0-9])", "").replace("\\degree", "");
    s = s.replaceAll("\\\\(left|right|displaystyle|textstyle|limits)(?![a-zA-Z])", "");
    s = s.replaceAll("\\\\[dtc]frac(?![a-zA-Z])", "\\\\frac");
    s = s.replaceAll("\\\\[dt]binom(?![a-zA-Z])", "\\\\binom");
    s = s.replaceAll("\\\\(lbrace|\\{)", "\\\\{").replaceAll("\\\\(rbrace|\\})", "\\\\}");
    s = s.replaceAll("(?<![\\\\a-zA-Z])(sqrt|pi)(?![a-zA-Z])", "\\\\$1");
    s =
        s.replaceAll(
            "\\\\sqrt\\s*\\{\\}\\s*([0-9])", "\\\\sqrt{$1}"); // \sqrt 5, damaged in some files
    s = s.contains("matrix") ? s : s.replaceAll("(?<!\\\\)\\\\(?=[0-9])", ""); // as is "\ 5"
    s = s.replaceAll("\\\\le(?![a-zA-Z])", "\\\\leq").replaceAll("\\\\ge(?![a-zA-Z])", "\\\\geq");
    s = UNIT.matcher(s.strip()).replaceFirst("");
    s = PLAIN_UNIT.matcher(s).replaceFirst("");
    String sentence = s;
    s = AND.matcher(s).replaceAll(and -> comma(and, sentence));
    s = s.replaceAll("\\\\(text|mbox|mathrm|textbf|mathbf)\\s*\\{([^{}]*)\\}", "$2");
    s = s.replaceAll("\\\\frac\\s*([0-9])\\s+([0-9])", "\\\\frac{$1}{$2}");
    s = MIXED.matcher(s).replaceAll("$1\\\\frac{$2}{$3}");
    s = GROUPS_OF_THREE.matcher(s).replaceAll(MathText::joined);
    s = s.replaceAll("(?<=[0-9.])\\s+(?=[0-9.])", "\\\\quad");
    return braced(s.replaceAll("\\s+", ""));
  }

  private static String joined(MatchResult groups) {
    return groups.group().replace(" ", "");
  }

  /** "1 and 234" are two numbers: the sign keeps their comma from separating thousands. */
  private static String comma(MatchResult and, String s) {
    return and.end() < s.length() && Character.isDigit(s.charAt(and.end())) ? ",+" : ",";
  }

  /** {@code \frac12} and {@code \frac1{72}} with braces around both arguments. */
  private static String braced(String s) {
    return s.replaceAll("\\\\frac([0-9])([0-9])", "\\\\frac{$1}{$2}")
        .replaceAll("\\\\frac([0-9])\\{", "\\\\frac{$1}{")
        .replaceAll("(\\\\frac\\{[^{}]*\\})([0-9a-z])", "$1{$2}");
  }

  /** Whether an answer is words: nothing but a {@code \text{...}} of more than one letter. */
  static boolean isWords(String answer) {
    return WORDS.matcher(answer.strip()).matches();
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
