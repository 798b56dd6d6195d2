package dev.plumbline.transformer.jinja;

import java.util.Locale;
import java.util.function.IntPredicate;

/** Case and kind of a text's characters. */
final class Cases {
  private Cases() {}

  /** {@code title}, {@code capitalize}, {@code swapcase} of Python's strings. */
  static String cased(String text, String name) {
    StringBuilder all = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      boolean upper =
          switch (name) {
            case "title" -> !inWord;
            case "capitalize" -> all.isEmpty();
            default -> Character.isLowerCase(c);
          };
      String one = Character.toString(c);
      all.append(upper ? one.toUpperCase(Locale.ROOT) : one.toLowerCase(Locale.ROOT));
      inWord = Character.isLetter(c);
    }
    return all.toString();
  }

  /** The filter {@code title}: words begin behind blanks, hyphens and opening brackets. */
  static String title(String text) {
    StringBuilder all = new StringBuilder();
    boolean begins = true;
    for (char c : text.toCharArray()) {
      all.append(begins ? Character.toUpperCase(c) : Character.toLowerCase(c));
      begins = Values.blank(c) || "-({[<".indexOf(c) >= 0;
    }
    return all.toString();
  }

  /** {@code isdigit} and its like. */
  static boolean is(String text, String name) {
    return switch (name) {
      case "isupper" -> oneCase(text, Character::isLowerCase, Character::isUpperCase);
      case "islower" -> oneCase(text, Character::isUpperCase, Character::isLowerCase);
      case "isalpha" -> all(text, Character::isLetter);
      case "isalnum" -> all(text, Character::isLetterOrDigit);
      case "isspace" -> all(text, Values::blank);
      default -> all(text, Character::isDigit);
    };
  }

  private static boolean all(String text, IntPredicate kind) {
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  private static boolean oneCase(String text, IntPredicate never, IntPredicate some) {
    return text.codePoints().noneMatch(never) && text.codePoints().anyMatch(some);
  }
}
