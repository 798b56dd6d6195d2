package dev.plumbline.transformer.jinja;

import dev.plumbline.transformer.jinja.Token.Kind;
import java.util.List;

/** A position in a template's tokens, and the depth of nesting there. */
final class Cursor {
  /** Python's own parser has the same limit on brackets. */
  static final int MAX_DEPTH = 200;

  private final List<Token> tokens;
  private int at;
  private int depth;
  private int chained; // chains to the left make deep trees without recursion of the reader

  Cursor(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** The token after the current one. */
  Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  void back() {
    at--;
  }

  Token current() {
    return tokens.get(at);
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean skip(String operator) {
    boolean found = current().operator(operator);
    if (found) {
      at++;
    }
    return found;
  }

  boolean skipName(String name) {
    boolean found = current().name(name);
    if (found) {
      at++;
    }
    return found;
  }

  void expect(String operator) {
    if (!skip(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  String expectName() {
    if (current().kind() != Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  TemplateException unexpected(String wanted) {
    Token found = current();
    String shown =
        found.kind() == Kind.BLOCK_END || found.kind() == Kind.VARIABLE_END
            ? "the end of the tag"
            : found.shown();
    return TemplateException.at(
        found.line(), shown + " was found where " + wanted + " is expected");
  }

  /** Enters one level; {@link #leave} returns. */
  void enter() {
    if (++depth > MAX_DEPTH) {
      throw TemplateException.at(
          current().line(), "it is nested more than " + MAX_DEPTH + " levels deep");
    }
  }

  void leave() {
    depth--;
  }

  int chained() {
    return chained;
  }

  /** Back to what was chained before an expression. */
  void chained(int before) {
    chained = before;
  }

  /** One more operation on the left of an expression. */
  void deeper() {
    if (++chained + depth > MAX_DEPTH) {
      throw TemplateException.at(
          current().line(), "it chains more than " + MAX_DEPTH + " operations");
    }
  }
}
