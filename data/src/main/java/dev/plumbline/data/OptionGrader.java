package dev.plumbline.data;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Grades multiple choice by the letter. <b>Strict</b>: the last "The answer is X", where X may
 * stand in brackets. <b>Flexible</b>: that, else the last letter that stands alone. "A" and "I" are
 * words, too: alone they count only in brackets or at the end of a line, and "The answer is A
 * triangle" names no option.
 */
public final class OptionGrader {
  private static final Pattern ANSWER_IS =
      Pattern.compile(
          "(?i:the answer is):?\\s*\\(?(?![AI] (?!because|since|as )[a-z])([A-J])\\)?(?![A-Za-z0-9'])");
  private static final Pattern LETTER =
      Pattern.compile(
          "\\(([A-J])\\)|(?<![A-Za-z0-9])([B-HJ])(?![A-Za-z0-9'])|(?<![A-Za-z0-9])([AI])(?=[.)]?\\s*(?:\n|$))");

  private OptionGrader() {}

  /** Grades a response against the letter of the right option. */
  public static Grade grade(String gold, String response) {
    String strict = strict(response);
    String flexible = strict != null ? strict : last(LETTER, response);
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
        last = matcher.group(g) != null ? matcher.group(g) : last;
      }
    }
    return last;
  }
}
