package dev.plumbline.transformer.jinja;

import java.util.List;
import java.util.Map;

/** Jinja2's tests, the operands of {@code is}. */
final class Checks {
  private final Operators operators;

  Checks(Operators operators) {
    this.operators = operators;
  }

  boolean holds(String name, Object value, Args args) {
    return switch (name) {
      case "defined" -> !(value instanceof Values.Undefined);
      case "undefined" -> value instanceof Values.Undefined;
      case "none" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "number" -> Values.number(value);
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "callable" -> value instanceof Callable;
      case "sequence" ->
          value instanceof List
              || value instanceof String
              || value instanceof Map
              || value instanceof Values.Undefined;
      case "iterable" ->
          value instanceof List
              || value instanceof String
              || value instanceof Map
              || value instanceof Values.Undefined;
      case "odd" -> remainder(value, 2L).equals(1L);
      case "even" -> remainder(value, 2L).equals(0L);
      case "divisibleby" ->
          Values.numeric(remainder(value, args.need(0, "num"))).doubleValue() == 0;
      case "lower" -> Cases.is(string(name, value), "islower");
      case "upper" -> Cases.is(string(name, value), "isupper");
      case "sameas" ->
          value == args.need(0, "other")
              || value instanceof Boolean && value.equals(args.need(0, "other"));
      case "filter" -> value instanceof String filter && Filters.known(filter);
      default -> compared(name, value, args);
    };
  }

  private Object remainder(Object value, Object by) {
    return operators.apply("%", value, by);
  }

  private static String string(String name, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new TemplateException("asks whether " + Values.type(value) + " is " + name);
  }

  private boolean compared(String name, Object value, Args args) {
    String operator =
        switch (name) {
          case "eq", "equalto", "==" -> "==";
          case "ne", "!=" -> "!=";
          case "lt", "lessthan" -> "<";
          case "le" -> "<=";
          case "gt", "greaterthan" -> ">";
          case "ge" -> ">=";
          case "in" -> "in";
          default ->
              throw new TemplateException("uses the test '" + name + "', which is not supported");
        };
    return operators.compare(operator, value, args.need(0, "other"));
  }
}
