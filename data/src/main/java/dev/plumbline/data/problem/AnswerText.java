package dev.plumbline.data.problem;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the answer that a response names in a closing sentence, such as "Final Answer: The final
 * answer is $6$. I hope it is correct." (the four-shot form of MATH) or "**Answer:** 6".
 */
final class AnswerText {
  /** Longer answers are compared as text only; this bound keeps the time linear. */
  private static final int MAX_CHARACTERS = 500;

  /** The words before an answer, bold or not; the last match counts. */
  private static final Pattern NAMED =
      Pattern.compile("(?i)answer[*_]*\\s*(?:\\bis|:|=)[*_]*\\s*:?[*_\\s}]*");

  /** Where the sentence ends or begins to give a reason. */
  private static final Pattern END =
      Pattern.compile(
          "\\.\\s+(?=[A-Z*])|[.,]?\\s+(?:because|since|as|which|so|where|when|for)\\s|\\s*\\.?[*_]+|\n");

  /** A number and its unit; "3 dozen" and "3 or 4" do not match. */
  private static final Pattern COUNTED =
      Pattern.compile(
          "(-?\\$?[0-9][0-9.,/]*)\\s+(?!(?:or|and|to|dozen|hundred|thousand|million|billion|trillion)\\b)[a-z]{2,}"
              + "[a-z ]*\\.?");

  private AnswerText() {}

  /**
   * Returns the named answer without dollar signs, bold marks and the sentence around it; null if
   * none is named.
   */
  static String named(String response) {
    Matcher matcher = NAMED.matcher(response);
    int from = -1;
    while (matcher.find()) {
      from = matcher.end();
    }
    return from < 0 || from == response.length()
        ? null
        : first(response.substring(from, Math.min(response.length(), from + MAX_CHARACTERS)));
  }

  private static String first(String rest) {
    Formula formula = Formula.at(rest, 0);
    if (formula != null) {
      return formula.content();
    }
    Matcher end = END.matcher(rest);
    String answer = (end.find() ? rest.substring(0, end.start()) : rest).strip();
    Matcher counted = COUNTED.matcher(answer);
    return answer.isEmpty() ? null : counted.matches() ? counted.group(1) : answer;
  }

  /** Returns the content of the last formula after its last equals sign; null if there is none. */
  static String lastFormula(String response) {
    Formula last = null;
    for (int i = 0; i < response.length(); i++) {
      Formula formula = Formula.at(response, i);
      if (formula != null) {
        last = formula;
        i = formula.end() - 1;
      } else if (response.charAt(i) == '\\') {
        i++; // \$ opens no formula
      }
    }
    if (last == null || response.substring(last.end()).chars().anyMatch(Character::isDigit)) {
      return null; // a number in the text after it comes later
    }
    return last.content().substring(last.content().lastIndexOf('=') + 1).strip();
  }

  /** A formula between dollar signs or LaTeX's brackets. */
  private record Formula(String content, int end) {
    /** Returns the formula that opens here, or null; formulas over the bound are not answers. */
    static Formula at(String text, int from) {
      String open = opening(text, from);
      if (open == null) {
        return null;
      }
      String close = open.equals("\\(") ? "\\)" : open.equals("\\[") ? "\\]" : open;
      int start = from + open.length();
      int limit = Math.min(text.length(), start + MAX_CHARACTERS);
      for (int i = start; i < limit; i++) {
        if (text.startsWith(close, i)) {
          String content = text.substring(start, i).strip();
          boolean formula = !open.equals("$") || closes(text, start, i);
          return formula && !content.isEmpty() ? new Formula(content, i + close.length()) : null;
        }
        i += text.charAt(i) == '\\' ? 1 : 0;
      }
      return null;
    }

    private static String opening(String text, int from) {
      for (String open : List.of("$$", "$", "\\(", "\\[")) {
        if (text.startsWith(open, from)) {
          return open;
        }
      }
      return null;
    }

    /**
     * "$5 and $6" are prices: a formula neither begins nor ends with a blank and contains no line
     * break.
     */
    private static boolean closes(String text, int start, int end) {
      return end > start
          && !Character.isWhitespace(text.charAt(start))
          && !Character.isWhitespace(text.charAt(end - 1))
          && text.substring(start, end).indexOf('\n') < 0;
    }
  }
}
