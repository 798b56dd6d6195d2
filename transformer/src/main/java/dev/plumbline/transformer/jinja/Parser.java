package dev.plumbline.transformer.jinja;

import dev.plumbline.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the statements of a template. */
final class Parser {
  private static final Set<String> OTHERS =
      Set.of("include", "import", "from", "extends", "block", "autoescape", "trans", "do");

  private final Cursor in;
  private final ExpressionParser expressions;

  private Parser(List<Token> tokens) {
    in = new Cursor(tokens);
    expressions = new ExpressionParser(in);
  }

  /** The statements of a template. */
  static List<Statement> parse(String template) {
    Parser parser = new Parser(Lexer.tokens(template));
    List<Statement> all = parser.body(Set.of());
    if (parser.in.current().kind() != Kind.END) {
      throw parser.in.unexpected("a statement");
    }
    return all;
  }

  /**
   * Statements up to a block with one of these names, which is the current token then, or to the
   * end of the template.
   */
  private List<Statement> body(Set<String> ends) {
    in.enter();
    List<Statement> all = new ArrayList<>();
    while (true) {
      Token token = in.next();
      switch (token.kind()) {
        case DATA -> all.add(new Statement.Text(token.text()));
        case VARIABLE_BEGIN -> {
          all.add(new Statement.At(token.line(), new Statement.Print(expressions.tuple())));
          end(Kind.VARIABLE_END);
        }
        case BLOCK_BEGIN -> {
          if (in.current().kind() == Kind.NAME && ends.contains(in.current().text())) {
            in.leave();
            return all;
          }
          all.add(new Statement.At(token.line(), statement()));
        }
        default -> {
          if (!ends.isEmpty()) {
            throw in.unexpected("'" + String.join("' or '", ends.stream().sorted().toList()) + "'");
          }
          in.leave();
          return all;
        }
      }
    }
  }

  private void end(Kind kind) {
    if (in.current().kind() != kind) {
      throw in.unexpected("the end of the tag");
    }
    in.next();
  }

  /** The statements between the end of this tag and one of these names, whose tag is read, too. */
  private List<Statement> block(String name) {
    end(Kind.BLOCK_END);
    List<Statement> body = body(Set.of(name));
    in.next();
    if (in.current().kind() == Kind.NAME) {
      in.next(); // endmacro may repeat the name
    }
    end(Kind.BLOCK_END);
    return body;
  }

  private Statement statement() {
    Token token = in.current();
    String name = in.expectName();
    return switch (name) {
      case "if" -> branches();
      case "for" -> loop();
      case "set" -> assignment();
      case "macro" -> macro(in.expectName(), "endmacro");
      case "call" -> call();
      case "filter" -> {
        Expression filter = expressions.blockFilters();
        yield new Statement.FilterBlock(filter, block("endfilter"));
      }
      case "with" -> with();
      case "generation" -> new Statement.Generation(block("endgeneration"));
      case "break", "continue" -> {
        end(Kind.BLOCK_END);
        yield new Statement.Leave(name.equals("break"));
      }
      default ->
          throw TemplateException.at(
              token.line(),
              OTHERS.contains(name)
                  ? "the tag '" + name + "' is not supported in chat templates"
                  : "the tag " + token.shown() + " is unknown here");
    };
  }

  private Statement branches() {
    List<Expression> conditions = new ArrayList<>();
    List<List<Statement>> bodies = new ArrayList<>();
    List<Statement> otherwise = List.of();
    do {
      conditions.add(expressions.tuple());
      end(Kind.BLOCK_END);
      bodies.add(body(Set.of("elif", "else", "endif")));
    } while (in.skipName("elif"));
    if (in.skipName("else")) {
      end(Kind.BLOCK_END);
      otherwise = body(Set.of("endif"));
    }
    in.next();
    end(Kind.BLOCK_END);
    return new Statement.If(conditions, bodies, otherwise);
  }

  private Statement loop() {
    List<String> targets = targets(false);
    if (!in.skipName("in")) {
      throw in.unexpected("'in'");
    }
    Expression values = values();
    Expression filter = in.skipName("if") ? expressions.expression() : null;
    boolean recursive = in.skipName("recursive");
    end(Kind.BLOCK_END);
    List<Statement> body = body(Set.of("else", "endfor"));
    List<Statement> otherwise = List.of();
    if (in.skipName("else")) {
      end(Kind.BLOCK_END);
      otherwise = body(Set.of("endfor"));
    }
    in.next();
    end(Kind.BLOCK_END);
    return new Statement.For(targets, values, filter, recursive, body, otherwise);
  }

  /** The iterable of a loop; an "if" after it belongs to the loop. */
  private Expression values() {
    Expression first = expressions.or();
    if (!in.current().operator(",")) {
      return first;
    }
    List<Expression> all = new ArrayList<>(List.of(first));
    while (in.skip(",") && in.current().kind() != Kind.BLOCK_END) {
      all.add(expressions.or());
    }
    return new Expression.Items(all);
  }

  private List<String> targets(boolean attributes) {
    boolean bracket = in.skip("(");
    List<String> names = new ArrayList<>();
    do {
      String name = in.expectName();
      if (attributes && in.skip(".")) {
        name += "." + in.expectName();
      }
      names.add(name);
    } while (in.skip(",") && in.current().kind() == Kind.NAME && !in.current().name("in"));
    if (bracket) {
      in.expect(")");
    }
    return names;
  }

  private Statement assignment() {
    List<String> targets = targets(true);
    if (in.skip("=")) {
      Expression value = expressions.tuple();
      end(Kind.BLOCK_END);
      return new Statement.Set(targets, value);
    }
    if (targets.size() > 1) {
      throw in.unexpected("'='");
    }
    Expression filter = in.skip("|") ? expressions.blockFilters() : null;
    return new Statement.SetBlock(targets.get(0), filter, block("endset"));
  }

  private Statement.Macro macro(String name, String end) {
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (end.equals("endmacro") || in.current().operator("(")) {
      in.expect("(");
      while (!in.skip(")")) {
        if (!parameters.isEmpty()) {
          in.expect(",");
          if (in.skip(")")) {
            break;
          }
        }
        parameters.add(in.expectName());
        defaults.add(in.skip("=") ? expressions.expression() : null);
      }
    }
    if (end.equals("endcall")) {
      return new Statement.Macro(name, parameters, defaults, List.of());
    }
    return new Statement.Macro(name, parameters, defaults, block(end));
  }

  private Statement call() {
    Statement.Macro head = macro("caller", "endcall");
    Expression call = expressions.expression();
    return new Statement.CallBlock(
        new Statement.Macro("caller", head.parameters(), head.defaults(), block("endcall")), call);
  }

  private Statement with() {
    List<String> names = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (in.current().kind() != Kind.BLOCK_END) {
      if (!names.isEmpty()) {
        in.expect(",");
      }
      names.add(in.expectName());
      in.expect("=");
      values.add(expressions.expression());
    }
    return new Statement.With(names, values, block("endwith"));
  }
}
