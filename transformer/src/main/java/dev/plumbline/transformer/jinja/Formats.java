package dev.plumbline.transformer.jinja;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Values as text in forms of their own: JSON, printf's patterns, dates. */
final class Formats {
  private Formats() {}

  /**
   * JSON as {@code json.dumps} of Python writes it with {@code ensure_ascii} off.
   *
   * @param indent blanks a level, or -1 for one line
   */
  static void json(Object value, int indent, int level, StringBuilder all, Budget budget) {
    budget.enter();
    budget.bound(all.length());
    if (value instanceof String text) {
      budget.size(text.length());
      all.append('"').append(JsonStringEncoder.getInstance().quoteAsString(text)).append('"');
    } else if (value == null || value instanceof Boolean) {
      all.append(value == null ? "null" : value.toString());
    } else if (value instanceof Number) {
      all.append(Values.text(value, budget));
    } else if (value instanceof List<?> list) {
      String mark = "[";
      for (Object one : list) {
        line(all.append(mark), mark.equals("[") ? "" : " ", indent, level + 1);
        json(one, indent, level + 1, all, budget);
        mark = ",";
      }
      close(all, list.isEmpty(), "[]", indent, level);
    } else if (value instanceof Map<?, ?> map) {
      String mark = "{";
      for (Map.Entry<?, ?> e : map.entrySet()) {
        line(all.append(mark), mark.equals("{") ? "" : " ", indent, level + 1);
        Object key = e.getKey() instanceof String text ? text : jsonKey(e.getKey(), budget);
        json(key, indent, level + 1, all, budget);
        json(e.getValue(), indent, level + 1, all.append(": "), budget);
        mark = ",";
      }
      close(all, map.isEmpty(), "{}", indent, level);
    } else {
      throw new TemplateException("writes " + Values.type(value) + " as JSON");
    }
    budget.leave();
  }

  private static Object jsonKey(Object key, Budget budget) {
    StringBuilder text = new StringBuilder();
    json(key, -1, 0, text, budget);
    return text.toString();
  }

  private static void close(
      StringBuilder all, boolean empty, String brackets, int indent, int level) {
    if (empty) {
      all.append(brackets);
    } else {
      line(all, "", indent, level);
      all.append(brackets.charAt(1));
    }
  }

  private static void line(StringBuilder all, String flat, int indent, int level) {
    all.append(indent < 0 ? flat : "\n" + " ".repeat(indent * level));
  }

  /** {@code pattern % values}: %s, %r, %d, %i, %f, %% with flags, width and precision. */
  static String percent(String pattern, List<?> values, Budget budget) {
    Iterator<?> rest = values.iterator();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      if (pattern.charAt(i) != '%') {
        all.append(pattern.charAt(i));
        continue;
      }
      int end = i + 1;
      while (end < pattern.length() && "-+ 0123456789.".indexOf(pattern.charAt(end)) >= 0) {
        end++;
      }
      char kind = end < pattern.length() ? pattern.charAt(end) : '?';
      if (kind == '%') {
        all.append('%');
      } else if ("srdif".indexOf(kind) < 0 || end - i > 8 || !rest.hasNext()) {
        throw new TemplateException(
            "formats with '"
                + pattern.substring(i, Math.min(pattern.length(), end + 1))
                + "', which is not supported or has no value");
      } else {
        all.append(directive(pattern.substring(i + 1, end), kind, rest.next(), budget));
      }
      budget.bound(all.length());
      i = end;
    }
    if (rest.hasNext()) {
      throw new TemplateException("formats more values than '" + pattern + "' has places");
    }
    return all.toString();
  }

  private static String directive(String flags, char kind, Object value, Budget budget) {
    try {
      if (kind == 's' || kind == 'r') {
        StringBuilder shown = new StringBuilder();
        if (kind == 'r') {
          Values.shown(value, shown, budget);
        }
        return String.format(
            Locale.ROOT, "%" + flags + "s", kind == 's' ? Values.text(value, budget) : shown);
      }
      Number number = Values.numeric(Values.defined(value));
      return kind == 'f'
          ? String.format(Locale.ROOT, "%" + flags + "f", number.doubleValue())
          : String.format(Locale.ROOT, "%" + flags + "d", number.longValue());
    } catch (IllegalArgumentException e) {
      throw new TemplateException(
          "formats " + Values.type(value) + " with '%" + flags + kind + "'");
    }
  }

  /** Python's {@code strftime}. */
  static String date(ZonedDateTime time, String format) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        all.append(c);
        continue;
      }
      c = format.charAt(++i);
      boolean bare = c == '-' && i + 1 < format.length();
      String pattern = pattern(bare ? format.charAt(++i) : c, bare);
      all.append(
          pattern.equals("%")
              ? pattern
              : DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time));
    }
    return all.toString();
  }

  /** Java's pattern of one directive; bare = without a leading zero. */
  private static String pattern(char directive, boolean bare) {
    return switch (directive) {
      case 'Y' -> "yyyy";
      case 'y' -> "yy";
      case 'm' -> bare ? "M" : "MM";
      case 'd' -> bare ? "d" : "dd";
      case 'H' -> bare ? "H" : "HH";
      case 'I' -> bare ? "h" : "hh";
      case 'M' -> bare ? "m" : "mm";
      case 'S' -> bare ? "s" : "ss";
      case 'j' -> bare ? "D" : "DDD";
      case 'p' -> "a";
      case 'b' -> "MMM";
      case 'B' -> "MMMM";
      case 'a' -> "EEE";
      case 'A' -> "EEEE";
      case 'F' -> "yyyy-MM-dd";
      case 'T' -> "HH:mm:ss";
      case 'z' -> "xx";
      case 'Z' -> "zzz";
      case '%' -> "%";
      default ->
          throw new TemplateException(
              "asks strftime_now for '%" + directive + "', which is not supported");
    };
  }
}
