package dev.plumbline.data.problem;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Finds the option that a response names by its text instead of its letter, such as "so it is 25
 * km": the last attempt of flexible extraction, for responses without a letter.
 *
 * <p>An option counts only if no other option is named. Blanks and case do not matter; words and
 * numbers must be complete, so that 15, 0.5, -5 and 5/6 do not name 5. If one option's text
 * contains another's, the longer text is searched first and its occurrences are removed.
 */
final class OptionText {
  private OptionText() {}

  /** Returns the grade, with flexible extraction by text if the grade has extracted nothing. */
  static Grade complete(Grade grade, List<String> options, String gold, String response) {
    if (options.isEmpty() || grade.extractedFlexible() != null) {
      return grade;
    }
    String letter = letter(options, response);
    return new Grade(grade.correct(), grade.extracted(), gold.equals(letter), letter);
  }

  /** The letter of the only option whose text the response contains, or null. */
  static String letter(List<String> options, String response) {
    List<String> texts = options.stream().map(OptionText::normalised).toList();
    if (texts.stream().distinct().count() < texts.size()) {
      return null; // two options with the same text cannot be distinguished
    }
    List<Integer> longestFirst =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> -texts.get(i).length()))
            .toList();
    String left = normalised(response);
    List<Integer> named = new ArrayList<>();
    for (int i : longestFirst) {
      String without = without(left, texts.get(i));
      if (!without.equals(left)) {
        named.add(i);
      }
      left = without;
    }
    return named.size() == 1 ? String.valueOf((char) ('A' + named.get(0))) : null;
  }

  private static String normalised(String text) {
    String s = text.strip().toLowerCase(Locale.ROOT).replace('\u2212', '-');
    s = s.replaceAll("\\s+", " ");
    return s.endsWith(".") ? s.substring(0, s.length() - 1) : s;
  }

  /** Replaces each complete occurrence of an option by a bar, which is part of no word. */
  private static String without(String text, String option) {
    boolean telling = option.length() > 1 || (!option.isEmpty() && digit(option, 0));
    if (!telling) {
      return text; // a single letter is an article or a variable
    }
    StringBuilder rest = new StringBuilder();
    int from = 0;
    for (int at = text.indexOf(option); at >= 0; at = text.indexOf(option, at + 1)) {
      if (at >= from && whole(text, at, at + option.length())) {
        rest.append(text, from, at).append('|');
        from = at + option.length();
      }
    }
    return rest.append(text, from, text.length()).toString();
  }

  private static boolean whole(String text, int start, int end) {
    return !joinedBefore(text, start) && !joinedAfter(text, end);
  }

  private static boolean joinedBefore(String text, int start) {
    if (start == 0) {
      return false;
    }
    char before = text.charAt(start - 1);
    boolean sign = digit(text, start) && "-/^".indexOf(before) >= 0;
    boolean places = digit(text, start) && ".,:".indexOf(before) >= 0 && digit(text, start - 2);
    boolean point = digit(text, start) && before == '.'; // .5
    return wordsTouch(before, text.charAt(start)) || sign || places || point;
  }

  private static boolean joinedAfter(String text, int end) {
    if (end == text.length()) {
      return false;
    }
    char after = text.charAt(end);
    boolean sign = digit(text, end - 1) && "%/^!".indexOf(after) >= 0;
    boolean places = digit(text, end - 1) && ".,:".indexOf(after) >= 0 && digit(text, end + 1);
    return wordsTouch(text.charAt(end - 1), after) || sign || places;
  }

  private static boolean wordsTouch(char a, char b) {
    return Character.isLetterOrDigit(a) && Character.isLetterOrDigit(b);
  }

  private static boolean digit(String text, int at) {
    return at >= 0 && at < text.length() && Character.isDigit(text.charAt(at));
  }
}
