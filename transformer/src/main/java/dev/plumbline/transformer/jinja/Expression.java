package dev.plumbline.transformer.jinja;

import java.util.List;
import java.util.Map;

/** An expression of a template. */
sealed interface Expression {
  /** A literal. */
  record Constant(Object value) implements Expression {}

  /** A variable. */
  record Variable(String name) implements Expression {}

  /** A list, or a tuple, which is a list here. */
  record Items(List<Expression> items) implements Expression {}

  /** A dictionary; keys and values alternate. */
  record Dictionary(List<Expression> entries) implements Expression {}

  /** {@code -x} or {@code +x}. */
  record Sign(Expression value, boolean minus) implements Expression {}

  /** {@code not x}. */
  record Not(Expression value) implements Expression {}

  /** {@code and} or {@code or} of two or more. */
  record Logical(List<Expression> parts, boolean and) implements Expression {}

  /** {@code first op rest[0] op rest[1] …}, from left to right. */
  record Arithmetic(Expression first, List<String> operators, List<Expression> rest)
      implements Expression {}

  /** {@code a < b <= c}: every neighbouring pair holds. */
  record Comparison(Expression first, List<String> operators, List<Expression> rest)
      implements Expression {}

  /** {@code a ~ b ~ c}. */
  record Concatenation(List<Expression> parts) implements Expression {}

  /** {@code then if condition else otherwise}; without else it is undefined. */
  record Choice(Expression condition, Expression then, Expression otherwise)
      implements Expression {}

  /** {@code value.name}. */
  record Attribute(Expression value, String name) implements Expression {}

  /** {@code value[key]}. */
  record Item(Expression value, Expression key) implements Expression {}

  /** {@code value[from:to:step]}; null = left out. */
  record Slice(Expression value, Expression from, Expression to, Expression step)
      implements Expression {}

  /** {@code callee(…)}. */
  record Call(Expression callee, Arguments arguments) implements Expression {}

  /** {@code value|name(…)}; the value is null for a block's own text. */
  record Filter(Expression value, String name, Arguments arguments) implements Expression {}

  /** {@code value is name(…)}. */
  record Check(Expression value, String name, Arguments arguments) implements Expression {}

  /** Arguments of a call. */
  record Arguments(List<Expression> positional, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
