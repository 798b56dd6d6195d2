package dev.plumbline.transformer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Python's operators. */
final class Operators {
  private final Budget budget;

  Operators(Budget budget) {
    this.budget = budget;
  }

  Object apply(String operator, Object a, Object b) {
    Values.defined(a);
    Values.defined(b);
    budget.step(1);
    if (Values.number(a) && Values.number(b)) {
      return numbers(operator, Values.numeric(a), Values.numeric(b));
    }
    if (operator.equals("+") && a instanceof String x && b instanceof String y) {
      budget.size((long) x.length() + y.length());
      return x + y;
    }
    if (operator.equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
      budget.list((long) x.size() + y.size());
      List<Object> all = new ArrayList<>(x);
      all.addAll(y);
      return all;
    }
    if (operator.equals("*") && (a instanceof Long || b instanceof Long)) {
      return a instanceof Long count ? repeated(b, count) : repeated(a, (Long) b);
    }
    if (operator.equals("%") && a instanceof String pattern) {
      return Formats.percent(
          pattern, b instanceof List<?> list ? list : Collections.singletonList(b), budget);
    }
    throw wrong(operator, a, b);
  }

  private static TemplateException wrong(String operator, Object a, Object b) {
    return new TemplateException(
        "applies '" + operator + "' to " + Values.type(a) + " and " + Values.type(b));
  }

  private Object repeated(Object value, long times) {
    long count = Math.max(0, times);
    if (value instanceof String text) {
      budget.size(product(count, text.length()));
      return text.repeat((int) count);
    }
    if (value instanceof List<?> list) {
      budget.list(product(count, list.size()));
      List<Object> all = new ArrayList<>();
      for (long i = 0; i < count && !list.isEmpty(); i++) {
        all.addAll(list);
      }
      return all;
    }
    throw wrong("*", value, times);
  }

  private static long product(long a, long b) {
    return b == 0 ? 0 : a > Integer.MAX_VALUE ? Long.MAX_VALUE : a * b;
  }

  private static Object numbers(String operator, Number a, Number b) {
    try {
      return a instanceof Long x && b instanceof Long y && !operator.equals("/")
          ? longs(operator, x, y)
          : doubles(operator, a.doubleValue(), b.doubleValue());
    } catch (ArithmeticException e) {
      throw new TemplateException(
          String.format("computes %s %s %s, which is no number of 64 bits", a, operator, b));
    }
  }

  private static Object longs(String operator, long x, long y) {
    return switch (operator) {
      case "+" -> Math.addExact(x, y);
      case "-" -> Math.subtractExact(x, y);
      case "*" -> Math.multiplyExact(x, y);
      case "//" -> Math.floorDiv(x, y);
      case "%" -> Math.floorMod(x, y);
      default -> y < 0 ? (Object) Math.pow(x, y) : (Object) power(x, y);
    };
  }

  private static long power(long x, long y) {
    if (x == 0 || x == 1 || x == -1) {
      return y == 0 ? 1 : x == -1 && y % 2 == 0 ? 1 : x;
    }
    long result = 1;
    for (long i = 0; i < y; i++) {
      result = Math.multiplyExact(result, x); // ends within 63 rounds
    }
    return result;
  }

  private static Object doubles(String operator, double x, double y) {
    if (y == 0 && "//%".contains(operator)) {
      throw new ArithmeticException();
    }
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "/" -> x / y;
      case "//" -> Math.floor(x / y);
      case "%" -> x - y * Math.floor(x / y);
      default -> Math.pow(x, y);
    };
  }

  Object sign(Object value, boolean minus) {
    Values.defined(value);
    if (!Values.number(value)) {
      throw new TemplateException("puts a sign before " + Values.type(value));
    }
    return minus ? numbers("-", 0L, Values.numeric(value)) : Values.numeric(value);
  }

  boolean compare(String operator, Object a, Object b) {
    return switch (operator) {
      case "==" -> Values.equal(a, b, budget);
      case "!=" -> !Values.equal(a, b, budget);
      case "in" -> in(a, b);
      case "not in" -> !in(a, b);
      case "<" -> Values.compare(a, b, budget) < 0;
      case "<=" -> Values.compare(a, b, budget) <= 0;
      case ">" -> Values.compare(a, b, budget) > 0;
      default -> Values.compare(a, b, budget) >= 0;
    };
  }

  boolean in(Object part, Object whole) {
    if (whole instanceof String text) {
      if (part instanceof String wanted) {
        budget.search(text, wanted);
        return text.contains(wanted);
      }
      Values.defined(part);
      throw new TemplateException("looks for " + Values.type(part) + " in a string");
    }
    if (whole instanceof Map<?, ?> map) {
      return map.containsKey(Values.key(part));
    }
    return Values.elements(whole, budget).stream().anyMatch(e -> Values.equal(part, e, budget));
  }

  /** {@code value[from:to:step]}; null = left out. */
  Object slice(Object value, Object from, Object to, Object step) {
    Values.defined(value);
    boolean text = value instanceof String;
    if (!text && !(value instanceof List)) {
      return Values.UNDEFINED;
    }
    List<Object> all = Values.elements(value, budget);
    int by = bound(step, 1);
    if (by == 0) {
      throw new TemplateException("takes a slice with a step of 0");
    }
    int size = all.size();
    int start = place(from, size, by, by > 0 ? 0 : size - 1);
    int end = place(to, size, by, by > 0 ? size : -1);
    List<Object> part = new ArrayList<>();
    for (long i = start; by > 0 ? i < end : i > end; i += by) {
      part.add(all.get((int) i));
    }
    budget.list(part.size());
    if (!text) {
      return part;
    }
    StringBuilder joined = new StringBuilder();
    part.forEach(joined::append);
    return joined.toString();
  }

  private static int bound(Object value, int usual) {
    if (value == null) {
      return usual;
    }
    if (value instanceof Long number) {
      return (int) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, number));
    }
    throw new TemplateException("takes a slice at " + Values.type(Values.defined(value)));
  }

  private static int place(Object value, int size, int step, int usual) {
    if (value == null) {
      return usual;
    }
    int place = bound(value, 0);
    if (place < 0) {
      return Math.max(place + size, step > 0 ? 0 : -1);
    }
    return Math.min(place, step > 0 ? size : size - 1);
  }

  /** {@code value[key]}; undefined where there is none, as Jinja2 has it. */
  Object item(Object value, Object key) {
    Values.defined(value);
    boolean plain = !(key instanceof List) && !(key instanceof Map); // the others are no keys
    if (plain && value instanceof Map<?, ?> map && map.containsKey(key)) {
      return map.get(key);
    }
    if ((value instanceof List || value instanceof String) && key instanceof Long place) {
      if (value instanceof String text && text.length() > 64) {
        budget.step(text.length() / 16);
      }
      long size = Values.length(value);
      long at = place < 0 ? place + size : place;
      if (at < 0 || at >= size) {
        return new Values.Undefined("element " + place);
      }
      if (value instanceof List<?> list) {
        return list.get((int) at);
      }
      String text = (String) value;
      return Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) at)));
    }
    if (key instanceof String name) {
      Object method = Methods.find(value, name, budget);
      return method == null ? new Values.Undefined(name) : method;
    }
    return Values.UNDEFINED;
  }

  /** {@code value.name}: a method, or else as an item. */
  Object attribute(Object value, String name) {
    if (value instanceof Values.Undefined) {
      Values.defined(value);
    }
    if (name.startsWith("_")) {
      throw new TemplateException("asks for the attribute '" + name + "', which is not safe");
    }
    if (value instanceof Values.Namespace space) {
      return space.attributes().containsKey(name)
          ? space.attributes().get(name)
          : new Values.Undefined(name);
    }
    if (value instanceof Loop loop) {
      return loop.attribute(name);
    }
    Object method = Methods.find(value, name, budget);
    return method == null ? item(value, name) : method;
  }

  /** A list from its end to its beginning. */
  List<Object> reversed(Object value) {
    List<Object> all = new ArrayList<>(Values.elements(value, budget));
    budget.list(all.size());
    Collections.reverse(all);
    return all;
  }
}
