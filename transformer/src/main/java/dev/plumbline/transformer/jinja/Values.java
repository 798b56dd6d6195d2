package dev.plumbline.transformer.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Python's values as Java objects: null (None), Boolean, Long, Double, String, List, Map, {@link
 * Callable}, {@link Undefined}, {@link Namespace}; with truth, equality and printed form. A tuple
 * is represented and printed as a list.
 */
final class Values {
  /** The value of an undefined name. */
  record Undefined(String name) {}

  /** The result of {@code namespace}: attributes that inner scopes may set. */
  record Namespace(Map<String, Object> attributes) {}

  static final Undefined UNDEFINED = new Undefined(null);

  private Values() {}

  static boolean truth(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  /** Python's name of a value's type. */
  static String type(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Undefined undefined) {
      return undefined.name() == null ? "an undefined value" : "the undefined " + undefined.name();
    }
    return value instanceof Boolean
        ? "a bool"
        : value instanceof Long
            ? "an int"
            : value instanceof Double
                ? "a float"
                : value instanceof String
                    ? "a string"
                    : value instanceof List
                        ? "a list"
                        : value instanceof Map ? "a dict" : "an object";
  }

  static boolean number(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  /** A bool counts as 0 or 1. */
  static Number numeric(Object value) {
    if (!number(value)) {
      throw new TemplateException("uses " + type(value) + " as a number");
    }
    return value instanceof Boolean flag ? Long.valueOf(flag ? 1 : 0) : (Number) value;
  }

  static boolean equal(Object a, Object b, Budget budget) {
    budget.enter();
    try {
      if (number(a) && number(b)) {
        Number x = numeric(a);
        Number y = numeric(b);
        return x instanceof Long && y instanceof Long
            ? x.longValue() == y.longValue()
            : x.doubleValue() == y.doubleValue();
      }
      if (a instanceof String x && b instanceof String y) {
        budget.step(Math.min(x.length(), y.length()) / 16);
        return x.equals(y);
      }
      if (a instanceof List<?> x && b instanceof List<?> y) {
        boolean same = x.size() == y.size();
        for (int i = 0; same && i < x.size(); i++) {
          same = equal(x.get(i), y.get(i), budget);
        }
        return same;
      }
      if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
        boolean same = x.size() == y.size();
        for (Map.Entry<?, ?> e : x.entrySet()) {
          same =
              same && y.containsKey(e.getKey()) && equal(e.getValue(), y.get(e.getKey()), budget);
        }
        return same;
      }
      return a == b || a instanceof Undefined && b instanceof Undefined;
    } finally {
      budget.leave();
    }
  }

  /** The order of two numbers, texts or lists. */
  static int compare(Object a, Object b, Budget budget) {
    defined(a);
    defined(b);
    budget.step(1);
    if (number(a) && number(b)) {
      Number x = numeric(a);
      Number y = numeric(b);
      return x instanceof Long && y instanceof Long
          ? Long.compare(x.longValue(), y.longValue())
          : Double.compare(x.doubleValue(), y.doubleValue());
    }
    if (a instanceof String x && b instanceof String y) {
      budget.step(Math.min(x.length(), y.length()) / 16);
      return x.compareTo(y);
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      budget.enter();
      int order = 0;
      for (int i = 0; order == 0 && i < x.size() && i < y.size(); i++) {
        order = compare(x.get(i), y.get(i), budget);
      }
      budget.leave();
      return order == 0 ? Integer.compare(x.size(), y.size()) : order;
    }
    throw new TemplateException("compares " + type(a) + " with " + type(b));
  }

  /** A value that can be a key of a dictionary. */
  static Object key(Object value) {
    if (value == null || value instanceof String || number(value)) {
      return value;
    }
    throw new TemplateException("uses " + type(value) + " as a key");
  }

  /** A value, which must be defined. */
  static Object defined(Object value) {
    if (value instanceof Undefined undefined) {
      throw new TemplateException(
          undefined.name() == null
              ? "uses an undefined value"
              : "uses '" + undefined.name() + "', which is undefined");
    }
    return value;
  }

  /** The elements of a loop: elements, keys or characters. */
  static List<Object> elements(Object value, Budget budget) {
    if (value instanceof List<?> list) {
      return List.class.cast(list);
    }
    if (value instanceof Map<?, ?> map) {
      budget.list(map.size());
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      budget.list(text.length());
      List<Object> all = new ArrayList<>();
      text.codePoints().forEach(c -> all.add(Character.toString(c)));
      return all;
    }
    if (value instanceof Undefined) {
      return List.of();
    }
    throw new TemplateException("goes over " + type(value) + ", which holds no elements");
  }

  /** Number of elements or characters. */
  static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new TemplateException("asks for the length of " + type(value));
  }

  /** The printed form. */
  static String text(Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Undefined) {
      return "";
    }
    StringBuilder all = new StringBuilder();
    shown(value, all, budget);
    return all.toString();
  }

  /** Python's {@code repr}. */
  static void shown(Object value, StringBuilder all, Budget budget) {
    budget.enter();
    budget.bound(all.length());
    if (value == null) {
      all.append("None");
    } else if (value instanceof Boolean flag) {
      all.append(flag ? "True" : "False");
    } else if (value instanceof Long) {
      all.append(value);
    } else if (value instanceof Double number) {
      all.append(decimal(number));
    } else if (value instanceof String text) {
      budget.size(text.length());
      quoted(text, all);
    } else if (value instanceof List<?> list) {
      all.append('[');
      String mark = "";
      for (Object one : list) {
        shown(one, all.append(mark), budget);
        mark = ", ";
      }
      all.append(']');
    } else if (value instanceof Map<?, ?> map) {
      all.append('{');
      String mark = "";
      for (Map.Entry<?, ?> e : map.entrySet()) {
        shown(e.getKey(), all.append(mark), budget);
        shown(e.getValue(), all.append(": "), budget);
        mark = ", ";
      }
      all.append('}');
    } else if (value instanceof Undefined) {
      all.append("Undefined");
    } else {
      throw new TemplateException("prints a function or a namespace");
    }
    budget.leave();
  }

  private static void quoted(String text, StringBuilder all) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    all.append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int escape = "\n\r\t\\".indexOf(c);
      if (escape >= 0 || c == quote) {
        all.append('\\').append(escape >= 0 ? "nrt\\".charAt(escape) : c);
      } else if (c < ' ' || c >= 0x7f && c < 0xa1) {
        all.append(String.format("\\x%02x", (int) c));
      } else if (c >= 0xe000 && c < 0xf900) {
        all.append(String.format("\\u%04x", (int) c)); // for private use: not printable
      } else {
        all.append(c);
      }
    }
    all.append(quote);
  }

  private static String decimal(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    BigDecimal number = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = number.precision() - number.scale() - 1;
    if (value == 0 || exponent >= -4 && exponent < 16) {
      String plain = number.toPlainString();
      String sign = value == 0 && 1 / value < 0 ? "-" : "";
      return sign + (plain.contains(".") ? plain : plain + ".0");
    }
    String digits = number.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return String.format(
        "%s%se%s%02d",
        value < 0 ? "-" : "", mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** Whitespace as Python has it. */
  static boolean blank(int c) {
    return c >= 9 && c <= 13
        || c >= 28 && c <= 32
        || c == 0x85
        || c == 0xa0
        || c > 0xff && Character.isSpaceChar(c) && c != 0x200b;
  }
}
