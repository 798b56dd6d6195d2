package dev.plumbline.transformer.jinja;

import java.util.List;

/** A statement of a template. */
sealed interface Statement {
  /** A statement and its line, for errors. */
  record At(int line, Statement statement) implements Statement {}

  /** Literal text. */
  record Text(String text) implements Statement {}

  /** {@code {{ value }}}. */
  record Print(Expression value) implements Statement {}

  /** {@code if} and {@code elif}: the first condition that holds, or the rest. */
  record If(List<Expression> conditions, List<List<Statement>> bodies, List<Statement> otherwise)
      implements Statement {}

  /**
   * {@code for targets in values if filter}.
   *
   * @param filter or null
   * @param otherwise statements for a loop without values
   */
  record For(
      List<String> targets,
      Expression values,
      Expression filter,
      boolean recursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  /** {@code set targets = value}; a target with a dot is an attribute of a namespace. */
  record Set(List<String> targets, Expression value) implements Statement {}

  /** {@code set target}…{@code endset}; the filter is null or applies to the text. */
  record SetBlock(String target, Expression filter, List<Statement> body) implements Statement {}

  /** {@code macro}; defaults are null where a parameter has none. */
  record Macro(
      String name, List<String> parameters, List<Expression> defaults, List<Statement> body)
      implements Statement {}

  /** {@code call(…) macro(…)}: the body is the macro's caller. */
  record CallBlock(Macro caller, Expression call) implements Statement {}

  /** {@code filter name}…{@code endfilter}. */
  record FilterBlock(Expression filter, List<Statement> body) implements Statement {}

  /** {@code with names = values}: a scope of its own. */
  record With(List<String> names, List<Expression> values, List<Statement> body)
      implements Statement {}

  /** {@code generation}: what the assistant says. */
  record Generation(List<Statement> body) implements Statement {}

  /** {@code break} and {@code continue}. */
  record Leave(boolean loop) implements Statement {}
}
