package dev.plumbline.transformer.jinja;

import dev.plumbline.transformer.jinja.Template.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Carries out statements. */
final class Renderer {
  /** How a list of statements ends. */
  private enum End {
    HERE,
    BREAK,
    CONTINUE
  }

  private final Budget budget = new Budget();
  private final Evaluator evaluator = new Evaluator(budget);
  private final StringBuilder whole = new StringBuilder();
  private final List<Span> spans = new ArrayList<>();
  private StringBuilder out = whole; // or a block's own text
  private int line = 1;

  /** The text of a template. */
  Template.Rendering render(List<Statement> template, Map<String, Object> variables) {
    try {
      Scope functions = new Scope(null, Functions.all(budget));
      run(template, new Scope(functions, new LinkedHashMap<>(variables)));
    } catch (TemplateException e) {
      throw new TemplateException(e.getMessage() + " (in line " + line + ")");
    } catch (StackOverflowError e) {
      throw new TemplateException("is nested too deep for this machine (in line " + line + ")");
    }
    return new Template.Rendering(whole.toString(), List.copyOf(spans));
  }

  private End run(List<Statement> statements, Scope scope) {
    budget.enter();
    End end = End.HERE;
    for (Statement statement : statements) {
      end = run(statement, scope);
      if (end != End.HERE) {
        break;
      }
    }
    budget.leave();
    return end;
  }

  private End run(Statement statement, Scope scope) {
    if (statement instanceof Statement.Text text) {
      print(text.text());
    } else if (statement instanceof Statement.At at) {
      line = at.line();
      return run(at.statement(), scope);
    } else if (statement instanceof Statement.Print print) {
      print(Values.text(evaluator.value(print.value(), scope), budget));
    } else if (statement instanceof Statement.If branches) {
      return branch(branches, scope);
    } else if (statement instanceof Statement.For loop) {
      loop(loop, evaluator.value(loop.values(), scope), scope, 0);
    } else if (statement instanceof Statement.Set set) {
      assign(set.targets(), evaluator.value(set.value(), scope), scope);
    } else if (statement instanceof Statement.SetBlock set) {
      assign(set.target(), text(set.filter(), set.body(), scope), scope);
    } else if (statement instanceof Statement.Macro macro) {
      scope.set(macro.name(), macro(macro, scope));
    } else if (statement instanceof Statement.CallBlock call) {
      print(Values.text(called(call, scope), budget));
    } else if (statement instanceof Statement.FilterBlock filter) {
      print(Values.text(text(filter.filter(), filter.body(), scope), budget));
    } else if (statement instanceof Statement.With with) {
      Scope inner = new Scope(scope);
      for (int i = 0; i < with.names().size(); i++) {
        inner.set(with.names().get(i), evaluator.value(with.values().get(i), scope));
      }
      return run(with.body(), inner);
    } else if (statement instanceof Statement.Generation generation) {
      int from = whole.length();
      run(generation.body(), new Scope(scope));
      if (out == whole) {
        spans.add(new Span(from, whole.length()));
      }
    } else {
      return ((Statement.Leave) statement).loop() ? End.BREAK : End.CONTINUE;
    }
    return End.HERE;
  }

  private void print(String text) {
    budget.step(1 + text.length() / 16);
    if (out.length() + (long) text.length() > Budget.MAX_SIZE) {
      throw new TemplateException("writes more than " + Budget.MAX_SIZE + " characters");
    }
    out.append(text);
  }

  private End branch(Statement.If branches, Scope scope) {
    for (int i = 0; i < branches.conditions().size(); i++) {
      if (evaluator.holds(branches.conditions().get(i), scope)) {
        return run(branches.bodies().get(i), scope);
      }
    }
    return run(branches.otherwise(), scope);
  }

  private void loop(Statement.For loop, Object over, Scope scope, int depth) {
    List<Object> values = new ArrayList<>();
    for (Object value : Values.elements(over, budget)) {
      budget.step(1);
      if (loop.filter() != null) {
        Scope inner = new Scope(scope);
        assign(loop.targets(), value, inner);
        if (!evaluator.holds(loop.filter(), inner)) {
          continue;
        }
      }
      values.add(value);
    }
    Callable again =
        loop.recursive()
            ? args -> captured(() -> loop(loop, args.need(0, "iterable"), scope, depth + 1))
            : null;
    Loop variable = new Loop(values, depth, again, budget);
    for (; variable.at < values.size(); variable.at++) {
      Scope inner = new Scope(scope);
      inner.set("loop", variable);
      assign(loop.targets(), values.get(variable.at), inner);
      if (run(loop.body(), inner) == End.BREAK) {
        return;
      }
    }
    if (values.isEmpty()) {
      run(loop.otherwise(), new Scope(scope));
    }
  }

  private void assign(List<String> targets, Object value, Scope scope) {
    if (targets.size() == 1) {
      assign(targets.get(0), value, scope);
      return;
    }
    List<Object> values = Values.elements(Values.defined(value), budget);
    if (values.size() != targets.size()) {
      throw new TemplateException(
          "unpacks " + values.size() + " values into " + targets.size() + " names");
    }
    for (int i = 0; i < targets.size(); i++) {
      assign(targets.get(i), values.get(i), scope);
    }
  }

  private void assign(String target, Object value, Scope scope) {
    int dot = target.indexOf('.');
    if (dot < 0) {
      scope.set(target, value);
    } else if (scope.get(target.substring(0, dot)) instanceof Values.Namespace space) {
      space.attributes().put(target.substring(dot + 1), value);
    } else {
      throw new TemplateException("sets '" + target + "', which is no attribute of a namespace");
    }
  }

  /** The filtered text of a block. */
  private Object text(Expression filter, List<Statement> body, Scope scope) {
    Scope inner = new Scope(scope);
    return evaluator.filtered(filter, captured(() -> run(body, inner)), scope);
  }

  private String captured(Runnable body) {
    StringBuilder before = out;
    out = new StringBuilder();
    body.run();
    String text = out.toString();
    out = before;
    return text;
  }

  private Callable macro(Statement.Macro macro, Scope scope) {
    return args -> {
      Scope inner = new Scope(scope);
      args.atMost(macro.parameters().size(), names(macro));
      inner.set("caller", args.named().getOrDefault("caller", new Values.Undefined("caller")));
      for (int i = 0; i < macro.parameters().size(); i++) {
        String name = macro.parameters().get(i);
        Expression usual = macro.defaults().get(i);
        Object missing = usual == null ? new Values.Undefined(name) : evaluator.value(usual, inner);
        inner.set(name, args.get(i, name, missing));
      }
      int from = line;
      String text = captured(() -> run(macro.body(), inner));
      line = from;
      return text;
    };
  }

  private static String[] names(Statement.Macro macro) {
    List<String> names = new ArrayList<>(macro.parameters());
    names.add("caller");
    return names.toArray(String[]::new);
  }

  private Object called(Statement.CallBlock block, Scope scope) {
    if (block.call() instanceof Expression.Call call) {
      return evaluator.call(call, scope, Map.of("caller", macro(block.caller(), scope)));
    }
    throw new TemplateException("has a call block that calls nothing");
  }
}
