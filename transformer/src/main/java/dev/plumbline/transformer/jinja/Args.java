package dev.plumbline.transformer.jinja;

import java.util.List;
import java.util.Map;

/**
 * Values of the arguments of a call, for built-in functions.
 *
 * @param of name of the function, for errors
 */
record Args(String of, List<Object> positional, Map<String, Object> named) {
  /** An argument by place or name, or a default. */
  Object get(int place, String name, Object usual) {
    if (place < positional.size()) {
      return positional.get(place);
    }
    return named.getOrDefault(name, usual);
  }

  /** A required argument. */
  Object need(int place, String name) {
    if (place >= positional.size() && !named.containsKey(name)) {
      throw new TemplateException("calls " + of + " without its argument " + name);
    }
    return get(place, name, null);
  }

  String text(int place, String name) {
    return text(need(place, name), name);
  }

  /** A text, or null if it is absent or None. */
  String textOrNull(int place, String name) {
    Object value = get(place, name, null);
    return value == null ? null : text(value, name);
  }

  private String text(Object value, String name) {
    if (value instanceof String text) {
      return text;
    }
    throw new TemplateException(
        "calls " + of + " with " + Values.type(value) + " as " + name + ", which must be a string");
  }

  int whole(int place, String name, int usual) {
    Object value = get(place, name, (long) usual);
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    if (value instanceof Long number) {
      return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number));
    }
    throw new TemplateException(
        "calls " + of + " with " + Values.type(value) + " as " + name + ", which must be an int");
  }

  boolean flag(int place, String name, boolean usual) {
    return Values.truth(get(place, name, usual));
  }

  /** Refuses other arguments than these. */
  Args atMost(int places, String... names) {
    if (positional.size() > places) {
      throw new TemplateException(
          "calls " + of + " with " + positional.size() + " arguments, of which it has " + places);
    }
    for (String name : named.keySet()) {
      if (!List.of(names).contains(name)) {
        throw new TemplateException("calls " + of + " with an argument " + name + " that it lacks");
      }
    }
    return this;
  }

  /** Without the first arguments, for another function. */
  Args from(int place, String function) {
    int start = Math.min(place, positional.size());
    return new Args(function, positional.subList(start, positional.size()), named);
  }
}
