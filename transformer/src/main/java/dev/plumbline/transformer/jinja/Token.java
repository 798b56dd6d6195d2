package dev.plumbline.transformer.jinja;

/**
 * One token of a template.
 *
 * @param kind what it is
 * @param text of a name, an operator or a number; the value of a string; literal text
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
  /** Kinds of tokens. */
  enum Kind {
    DATA,
    BLOCK_BEGIN,
    BLOCK_END,
    VARIABLE_BEGIN,
    VARIABLE_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind other, String value) {
    return kind == other && text.equals(value);
  }

  boolean operator(String value) {
    return is(Kind.OPERATOR, value);
  }

  boolean name(String value) {
    return is(Kind.NAME, value);
  }

  /** As messages show it. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the template";
      case DATA -> "text";
      default -> "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
    };
  }
}
