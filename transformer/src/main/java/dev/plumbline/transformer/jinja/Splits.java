package dev.plumbline.transformer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to split a text. */
final class Splits {
  private Splits() {}

  /** {@code split}: at a separator, or at runs of whitespace for null. */
  static List<Object> split(String text, String separator, int max) {
    List<Object> parts = new ArrayList<>();
    if (separator == null) {
      words(text, max, parts);
      return parts;
    }
    check(separator);
    int from = 0;
    for (int at = text.indexOf(separator); at >= 0 && parts.size() != max; ) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
      at = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static void words(String text, int max, List<Object> parts) {
    int at = blanks(text, 0);
    while (at < text.length()) {
      if (parts.size() == max) {
        parts.add(text.substring(at));
        return;
      }
      int end = at;
      while (end < text.length() && !Values.blank(text.charAt(end))) {
        end++;
      }
      parts.add(text.substring(at, end));
      at = blanks(text, end);
    }
  }

  private static int blanks(String text, int from) {
    int at = from;
    while (at < text.length() && Values.blank(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** {@code rsplit}: the same from the right. */
  static List<Object> rsplit(String text, String separator, int max) {
    if (max < 0) {
      return split(text, separator, max);
    }
    if (separator == null) {
      throw new TemplateException(
          "calls rsplit with a maxsplit and without a sep, which is not supported");
    }
    check(separator);
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    while (parts.size() < max) {
      int at = text.lastIndexOf(separator, to - separator.length());
      if (at < 0) {
        break;
      }
      parts.add(text.substring(at + separator.length(), to));
      to = at;
    }
    parts.add(text.substring(0, to));
    Collections.reverse(parts);
    return parts;
  }

  private static void check(String separator) {
    if (separator.isEmpty()) {
      throw new TemplateException("splits at an empty text");
    }
  }

  /** {@code splitlines}. */
  static List<Object> lines(String text, boolean keepEnds) {
    List<Object> parts = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int end = from;
      while (end < text.length()
          && "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(text.charAt(end)) < 0) {
        end++;
      }
      int next = Math.min(text.length(), text.startsWith("\r\n", end) ? end + 2 : end + 1);
      parts.add(text.substring(from, keepEnds ? next : end));
      from = next;
    }
    return parts;
  }

  /** {@code partition} and {@code rpartition}. */
  static List<Object> partition(String text, String separator, boolean last) {
    check(separator);
    int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return last ? List.of("", "", text) : List.of(text, "", "");
    }
    return List.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }
}
