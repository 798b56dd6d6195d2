package dev.plumbline.data.math;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds and normalises answers in the notation of MATH's solutions. */
final class MathText {
  private static final Pattern WORDS =
      Pattern.compile(
          "\\$?\\\\(text|mbox|textbf)\\s*\\{[^{}0-9]*[a-zA-Z]{2,}[^{}0-9]*\\}\\.?\\$?\\.?");

  private static final Pattern JOINED =
      Pattern.compile(
          "\\s*,?\\s*\\\\(?:text|mbox|mathrm)\\s*\\{\\s*,?\\s*(and|or)\\s*,?\\s*\\}\\s*"
              + "|(?<=[0-9})\\]a-zA-Z]|^)\\s*,?\\s+(and|or)\\s+(?=[-0-9\\\\(a-zA-Z\u00b1])");
  private static final Pattern STYLE =
      Pattern.compile(
          "\\\\(?:text|mbox|mathrm|textbf|mathbf|textrm|textit|mathit|mathsf|boldsymbol|operatorname\\*?)"
              + "\\s*\\{([^{}]*)\\}");
  private static final Pattern SIZES =
      Pattern.compile(
          "\\\\(left|right|displaystyle|textstyle|limits|middle|[bB]igg?[lrm]?)(?![a-zA-Z])");
  private static final Pattern NAMES =
      Pattern.compile(
          "(?<![\\\\a-zA-Z])(sqrt|pi|arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|log|ln|exp|infty)(?![a-zA-Z])");

  /** {@code 1.6e-19}. 2e-1 may also mean 2e - 1; it does if the other answer contains an e. */
  private static final Pattern SCIENTIFIC =
      Pattern.compile(
          "(?<![0-9a-zA-Z.,\\\\])([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)([eE])([-+]?[0-9]+)(?![0-9.a-zA-Z^])");

  private static final Pattern EULER = Pattern.compile("(?<![a-zA-Z])e(?![a-zA-Z])|\\\\exp|exp\\(");
  private static final Pattern MIXED =
      Pattern.compile("(?<![0-9./}])([0-9]+) +([0-9]+) */ *([0-9]+)(?![0-9.])");
  private static final Pattern GROUPS_OF_THREE =
      Pattern.compile("(?<![0-9.])[0-9]{1,3}( [0-9]{3})+(?![0-9])");

  private MathText() {}

  /**
   * Returns the content of the last {@code \boxed{...}} or {@code \fbox{...}} with balanced braces,
   * or of a later {@code \boxed 5}; null if there is none. It takes one pass, so that the time is
   * linear even with thousands of unclosed boxes.
   */
  static String boxed(String text) {
    Deque<int[]> open = new ArrayDeque<>(); // {index of the opening brace, 1 for a box}
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
          i++; // \{ and \} are not grouping braces
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

  /** The content of {@code \boxed} without braces: one word, including its braces. */
  private static String bare(String text, int from) {
    int end = from;
    int depth = 0;
    while (end < text.length()) {
      char c = text.charAt(end);
      if (depth == 0 && "$ \n.,}".indexOf(c) >= 0) {
        break;
      }
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      end++;
    }
    return depth == 0 ? text.substring(from, end) : "";
  }

  /**
   * Gives equal answers one spelling: removes blanks, dollar and percent signs, degrees and the
   * unit after a number, replaces variants by {@code \frac} with braces around its arguments, and
   * writes each sign as one character. 50 % becomes 50, not one half. {@code 1 1/2} is a mixed
   * number and {@code 10 000} one number; other digits separated by a blank, or by a comma and a
   * blank, are separate numbers.
   */
  static String normalise(String answer, String other) {
    String s = Units.without(spaced(answer));
    s = SIZES.matcher(s).replaceAll("");
    s = s.replaceAll("\\\\(?:[dtc]|nice|s)frac(?![a-zA-Z])", "\\\\frac");
    s = s.replaceAll("\\\\[dt]binom(?![a-zA-Z])", "\\\\binom");
    s =
        s.replaceAll("\\\\[lr]?vert(?![a-zA-Z])", "|")
            .replace("\\langle", "(")
            .replace("\\rangle", ")");
    s = s.replaceAll("\\{([^{}]{1,50})\\\\choose(?![a-zA-Z])([^{}]{1,50})\\}", "\\\\binom{$1}{$2}");
    s = s.replaceAll("\\\\(lbrace|\\{)", "\\\\{").replaceAll("\\\\(rbrace|\\})", "\\\\}");
    s = s.replaceAll("\\\\sqrt\\s*\\{\\}\\s*([0-9])", "\\\\sqrt{$1}"); // damaged in some files
    s = s.contains("matrix") ? s : s.replaceAll("(?<!\\\\)\\\\(?=[0-9])", ""); // also "\ 5"
    s = Symbols.signs(s);
    s = JOINED.matcher(s).replaceAll(MathText::sign);
    s = STYLE.matcher(s).replaceAll("$1");
    s = NAMES.matcher(s.replace("infinity", "infty")).replaceAll("\\\\$1");
    s = SCIENTIFIC.matcher(s).replaceAll(number -> scientific(number, other));
    s = s.replaceAll("(?<=[0-9)])\\s*x\\s*(?=10\\s*\\^)", "\\\\times ");
    s = s.replaceAll("\\\\frac\\s*([0-9])\\s+([0-9])", "\\\\frac{$1}{$2}");
    s = MIXED.matcher(s).replaceAll("$1\\\\frac{$2}{$3}");
    s = GROUPS_OF_THREE.matcher(s).replaceAll(MathText::joined);
    s = s.replaceAll("(?<=[0-9])\\s*;\\s*|(?<=[0-9])\\s*,\\s+(?=[0-9])", ",+").replace(";", ",");
    s = s.replaceAll("(?<=[0-9.])\\s+(?=[0-9.])", "\\\\quad");
    return braced(s.replaceAll("\\s+", ""));
  }

  /** Removes LaTeX's thin spaces and a final full stop; replaces wide spaces by blanks. */
  static String spaced(String answer) {
    String s = Symbols.latex(answer).replace("**", "").strip();
    while (s.endsWith(".")) {
      s = s.substring(0, s.length() - 1).strip();
    }
    s = s.replaceAll("^\\\\[(\\[]|\\\\[)\\]]$", "");
    s =
        s.replaceAll(",\\s*\\\\!\\s*", ",")
            .replace("\\!", "")
            .replace("{,}", ",")
            .replace("\\,", "")
            .replace("\\;", "");
    s = s.replace("\\ ", " ").replace("~", " ").replace("\\:", "").replace("&=", "=");
    return s.replaceAll("\\\\q?quad(?![a-zA-Z])", " ").strip();
  }

  private static String joined(MatchResult groups) {
    return groups.group().replace(" ", "");
  }

  /**
   * "1 and 234" are two numbers, so the separator must not be a comma, which could separate
   * thousands.
   */
  private static String sign(MatchResult and) {
    String word = and.group(1) != null ? and.group(1) : and.group(2);
    return word.equals("or") ? "\u2228" : "\u2227";
  }

  private static String scientific(MatchResult number, String other) {
    boolean telling =
        number.group(2).equals("E") || number.group(1).contains(".") || number.group(1).equals("1");
    return telling || !EULER.matcher(other).find()
        ? "(" + number.group(1) + "\\\\times10^{" + number.group(3) + "})"
        : Matcher.quoteReplacement(number.group());
  }

  /** Puts braces around both arguments of {@code \frac12} and {@code \frac1{72}}. */
  private static String braced(String s) {
    return s.replaceAll("\\\\frac([0-9])([0-9])", "\\\\frac{$1}{$2}")
        .replaceAll("\\\\frac([0-9])\\{", "\\\\frac{$1}{")
        .replaceAll("(\\\\frac\\{[^{}]*\\})([0-9a-z])", "$1{$2}");
  }

  /** Whether an answer consists of words: only a {@code \text{...}} of more than one letter. */
  static boolean isWords(String answer) {
    return WORDS.matcher(answer.strip()).matches();
  }

  /** Change of the nesting depth at a character: 1, -1 or 0. */
  static int nesting(char c) {
    return "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
  }

  /** Whether an answer is a set in braces. */
  static boolean isSet(String s) {
    return s.length() >= 4
        && s.startsWith("\\{")
        && s.endsWith("\\}")
        && closing(s) == s.length() - 1;
  }

  /** Index of the bracket that closes the first one. */
  private static int closing(String s) {
    int depth = 0;
    for (int i = 0; i < s.length(); i++) {
      int nesting = nesting(s.charAt(i));
      depth += nesting;
      if (nesting < 0 && depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** Splits at separators outside all brackets. */
  static List<String> split(String s, String separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      depth += nesting(c);
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
