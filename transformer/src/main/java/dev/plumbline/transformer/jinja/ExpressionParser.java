package dev.plumbline.transformer.jinja;

import dev.plumbline.transformer.jinja.Expression.Arguments;
import dev.plumbline.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Reads expressions by recursive descent, in the order of precedence that Jinja2 has. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> NO_ARGUMENT =
      Set.of("else", "or", "and", "is", "not", "in", "if");

  private final Cursor in;

  ExpressionParser(Cursor in) {
    this.in = in;
  }

  /** An expression, or several with commas between them, which are a tuple. */
  Expression tuple() {
    Expression first = expression();
    if (!in.current().operator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (in.skip(",") && !ends()) {
      items.add(expression());
    }
    return new Expression.Items(items);
  }

  private boolean ends() {
    Kind kind = in.current().kind();
    return kind == Kind.BLOCK_END || kind == Kind.VARIABLE_END || in.current().operator(")");
  }

  Expression expression() {
    in.enter();
    int before = in.chained();
    Expression value = or();
    while (in.skipName("if")) {
      Expression condition = or();
      Expression otherwise =
          in.skipName("else") ? expression() : new Expression.Constant(Values.UNDEFINED);
      value = new Expression.Choice(condition, value, otherwise);
      in.deeper();
    }
    in.chained(before);
    in.leave();
    return value;
  }

  Expression or() {
    Expression first = and();
    if (!in.current().name("or")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (in.skipName("or")) {
      parts.add(and());
    }
    return new Expression.Logical(parts, false);
  }

  private Expression and() {
    Expression first = not();
    if (!in.current().name("and")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (in.skipName("and")) {
      parts.add(not());
    }
    return new Expression.Logical(parts, true);
  }

  private Expression not() {
    if (!in.skipName("not")) {
      return comparison();
    }
    in.enter();
    Expression value = new Expression.Not(not());
    in.leave();
    return value;
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> rest = new ArrayList<>();
    while (true) {
      if (in.current().kind() == Kind.OPERATOR && COMPARISONS.contains(in.current().text())) {
        operators.add(in.next().text());
      } else if (in.skipName("in")) {
        operators.add("in");
      } else if (in.current().name("not") && in.ahead().name("in")) {
        in.next();
        in.next();
        operators.add("not in");
      } else {
        return rest.isEmpty() ? first : new Expression.Comparison(first, operators, rest);
      }
      rest.add(sum());
    }
  }

  private Expression sum() {
    return arithmetic(this::concatenation, "+", "-");
  }

  private Expression concatenation() {
    Expression first = product();
    if (!in.current().operator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (in.skip("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    return arithmetic(this::power, "*", "/", "//", "%");
  }

  private Expression power() {
    return arithmetic(() -> unary(true), "**");
  }

  private Expression arithmetic(Supplier<Expression> part, String... signs) {
    Expression first = part.get();
    List<String> operators = new ArrayList<>();
    List<Expression> rest = new ArrayList<>();
    Set<String> known = Set.of(signs);
    while (in.current().kind() == Kind.OPERATOR && known.contains(in.current().text())) {
      operators.add(in.next().text());
      rest.add(part.get());
    }
    return rest.isEmpty() ? first : new Expression.Arithmetic(first, operators, rest);
  }

  private Expression unary(boolean filters) {
    in.enter();
    boolean minus = in.current().operator("-");
    boolean signed = minus || in.current().operator("+");
    if (signed) {
      in.next();
    }
    Expression value = signed ? new Expression.Sign(unary(false), minus) : primary();
    int before = in.chained();
    value = postfix(value);
    value = filters ? filters(value) : value;
    in.chained(before);
    in.leave();
    return value;
  }

  private Expression primary() {
    Token token = in.next();
    switch (token.kind()) {
      case NAME:
        return switch (token.text()) {
          case "true", "True" -> new Expression.Constant(true);
          case "false", "False" -> new Expression.Constant(false);
          case "none", "None" -> new Expression.Constant(null);
          default -> new Expression.Variable(token.text());
        };
      case STRING:
        StringBuilder text = new StringBuilder(token.text());
        while (in.current().kind() == Kind.STRING) {
          text.append(in.next().text());
        }
        return new Expression.Constant(text.toString());
      case INTEGER, FLOAT:
        return new Expression.Constant(number(token));
      default:
        if (token.operator("(")) {
          Expression inner = in.current().operator(")") ? new Expression.Items(List.of()) : tuple();
          in.expect(")");
          return inner;
        }
        if (token.operator("[")) {
          return new Expression.Items(list("]"));
        }
        if (token.operator("{")) {
          return dictionary();
        }
        in.back();
        throw in.unexpected("an expression");
    }
  }

  private static Object number(Token token) {
    String text = token.text().toLowerCase(Locale.ROOT);
    try {
      if (token.kind() == Kind.FLOAT) {
        return Double.parseDouble(text);
      }
      int base =
          text.startsWith("0x") ? 16 : text.startsWith("0o") ? 8 : text.startsWith("0b") ? 2 : 10;
      return Long.parseLong(base == 10 ? text : text.substring(2), base);
    } catch (NumberFormatException e) {
      throw TemplateException.at(token.line(), token.shown() + " is beyond the numbers of 64 bits");
    }
  }

  private List<Expression> list(String close) {
    List<Expression> items = new ArrayList<>();
    while (!in.skip(close)) {
      if (!items.isEmpty()) {
        in.expect(",");
        if (in.skip(close)) {
          break;
        }
      }
      items.add(expression());
    }
    return items;
  }

  private Expression dictionary() {
    List<Expression> entries = new ArrayList<>();
    while (!in.skip("}")) {
      if (!entries.isEmpty()) {
        in.expect(",");
        if (in.skip("}")) {
          break;
        }
      }
      entries.add(expression());
      in.expect(":");
      entries.add(expression());
    }
    return new Expression.Dictionary(entries);
  }

  /** Attributes, items and calls. */
  private Expression postfix(Expression first) {
    Expression value = first;
    while (true) {
      if (in.skip(".")) {
        Token name = in.next();
        if (name.kind() == Kind.INTEGER) {
          value = new Expression.Item(value, new Expression.Constant(number(name)));
        } else if (name.kind() == Kind.NAME) {
          value = new Expression.Attribute(value, name.text());
        } else {
          in.back();
          throw in.unexpected("a name");
        }
      } else if (in.skip("[")) {
        value = subscript(value);
      } else if (in.skip("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
      in.deeper();
    }
  }

  private Expression subscript(Expression value) {
    Expression from = in.current().operator(":") ? null : expression();
    if (from != null && in.skip("]")) {
      return new Expression.Item(value, from);
    }
    in.expect(":");
    Expression to = in.current().operator(":") || in.current().operator("]") ? null : expression();
    Expression step = in.skip(":") && !in.current().operator("]") ? expression() : null;
    in.expect("]");
    return new Expression.Slice(value, from, to, step);
  }

  /** Filters, tests and calls of what they give. */
  private Expression filters(Expression first) {
    Expression value = first;
    while (true) {
      if (in.current().operator("|")) {
        value = filter(value);
      } else if (in.skipName("is")) {
        value = check(value);
      } else if (in.skip("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
      in.deeper();
    }
  }

  /** A block's filters: the first at its name, the others behind bars. */
  Expression blockFilters() {
    int before = in.chained();
    Expression filter = named(null);
    while (in.current().operator("|")) {
      filter = filter(filter);
      in.deeper();
    }
    in.chained(before);
    return filter;
  }

  /** One filter; the current token is its bar. */
  private Expression filter(Expression value) {
    in.expect("|");
    return named(value);
  }

  /** A filter's name and arguments. */
  private Expression named(Expression value) {
    String name = dotted();
    Arguments arguments = in.skip("(") ? arguments() : Arguments.NONE;
    return new Expression.Filter(value, name, arguments);
  }

  private Expression check(Expression value) {
    boolean negated = in.skipName("not");
    String name = dotted();
    Arguments arguments = Arguments.NONE;
    Token token = in.current();
    boolean argument =
        switch (token.kind()) {
          case NAME -> !NO_ARGUMENT.contains(token.text());
          case STRING, INTEGER, FLOAT -> true;
          default -> token.operator("[") || token.operator("{");
        };
    if (in.skip("(")) {
      arguments = arguments();
    } else if (argument) {
      arguments = new Arguments(List.of(postfix(primary())), Map.of());
    }
    Expression check = new Expression.Check(value, name, arguments);
    return negated ? new Expression.Not(check) : check;
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(in.expectName());
    while (in.skip(".")) {
      name.append('.').append(in.expectName());
    }
    return name.toString();
  }

  /** Arguments behind their opening bracket. */
  Arguments arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    boolean first = true;
    while (!in.skip(")")) {
      if (!first) {
        in.expect(",");
        if (in.skip(")")) {
          break;
        }
      }
      first = false;
      if (in.current().kind() == Kind.NAME && in.ahead().operator("=")) {
        String name = in.expectName();
        in.expect("=");
        named.put(name, expression());
      } else if (named.isEmpty()) {
        positional.add(expression());
      } else {
        throw in.unexpected("a named argument");
      }
    }
    return new Arguments(positional, named);
  }
}
