package dev.plumbline.data.problem;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Grades multiple choice by the letter. <b>Strict</b>: the last "The answer is X", where X may be
 * in brackets. <b>Flexible</b>: the same, else the last "answer: X" or "option X", also in lower
 * case at the end of its sentence, else the last isolated letter. Because "A" and "I" are also
 * words, they count as isolated letters only in brackets, at the end of a line or as the mark at
 * its beginning, and "The answer is A triangle" names no option. Neither does "The answer is A or
 * B".
 */
public final class OptionGrader {
  private static final String NO_WORD = "(?![AI] (?!because|since|as )[a-z])";
  private static final String ALONE =
      "\\)?+(?![A-Za-z0-9'])(?!\\s*(?:,\\s*)?(?:or|/)\\s*\\(?[A-J]\\b)";
  private static final Pattern ANSWER_IS =
      Pattern.compile("(?i:the answer is):?\\s*\\(?" + NO_WORD + "([A-J])" + ALONE);

  /** A lower-case letter counts only before the end of its sentence. */
  private static final String LETTER_NAMED =
      "(?:\\(?"
          + NO_WORD
          + "([A-J])"
          + ALONE
          + "|\\(([a-j])\\)|([a-j])(?=[)}*]*\\.?[)}*$]*\\s*(?:\n|$|\\.\\s)))";

  private static final Pattern NAMED =
      Pattern.compile(
          "(?:(?i:answer[*_]*\\s*(?:is|:)|(?:correct|right|best)\\s+(?:option|choice))"
              + "(?i:\\s+(?:is|option|choice))?[*_]*:?[*_\\s]*(?:\\$?\\\\boxed\\{)?(?:\\\\text(?:bf)?\\{)?"
              + LETTER_NAMED
              + ")|\\\\boxed\\{\\s*(?:\\\\text(?:bf)?\\{)?\\(?([A-Ja-j])\\)?\\}"
              + "|\\b([A-J])\\)? is (?:the )?(?:correct|right)\\b|<answer>\\s*\\(?([A-Ja-j])\\)?\\s*</answer>");
  private static final Pattern LETTER =
      Pattern.compile(
          "\\(([A-J])\\)|(?<![A-Za-z0-9])([B-HJ])(?![A-Za-z0-9'])|(?<![A-Za-z0-9])([AI])(?=[.)}*$]*\\s*(?:\n|$))"
              + "|(?:^|\n)[* ]{0,6}(A)(?=[.):])");

  private OptionGrader() {}

  /** Grades a response against the letter of the correct option. */
  public static Grade grade(String gold, String response) {
    String strict = strict(response);
    String named = strict != null ? strict : last(NAMED, response);
    String flexible = named != null ? named : last(LETTER, response);
    return new Grade(gold.equals(strict), strict, gold.equals(flexible), flexible);
  }

  /** The letter of the last "The answer is X", or null. */
  static String strict(String response) {
    return last(ANSWER_IS, response);
  }

  private static String last(Pattern pattern, String response) {
    Matcher matcher = pattern.matcher(response);
    String last = null;
    while (matcher.find()) {
      for (int g = 1; g <= matcher.groupCount(); g++) {
        last = matcher.group(g) != null ? matcher.group(g).toUpperCase(Locale.ROOT) : last;
      }
    }
    return last;
  }
}
