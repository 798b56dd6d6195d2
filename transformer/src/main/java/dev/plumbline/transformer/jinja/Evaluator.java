package dev.plumbline.transformer.jinja;

import dev.plumbline.transformer.jinja.Expression.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of expressions. */
final class Evaluator {
  private final Budget budget;
  private final Operators operators;
  private final Filters filters;
  private final Checks checks;

  Evaluator(Budget budget) {
    this.budget = budget;
    operators = new Operators(budget);
    filters = new Filters(budget, operators);
    checks = new Checks(operators);
  }

  Object value(Expression expression, Scope scope) {
    budget.enter();
    Object value = of(expression, scope);
    budget.leave();
    return value;
  }

  boolean holds(Expression condition, Scope scope) {
    return Values.truth(value(condition, scope));
  }

  private Object of(Expression expression, Scope scope) {
    if (expression instanceof Expression.Constant constant) {
      return constant.value();
    }
    if (expression instanceof Expression.Variable variable) {
      return scope.get(variable.name());
    }
    if (expression instanceof Expression.Items items) {
      return values(items.items(), scope);
    }
    if (expression instanceof Expression.Dictionary dictionary) {
      return dictionary(dictionary, scope);
    }
    if (expression instanceof Expression.Sign sign) {
      return operators.sign(value(sign.value(), scope), sign.minus());
    }
    if (expression instanceof Expression.Not not) {
      return !holds(not.value(), scope);
    }
    if (expression instanceof Expression.Logical logical) {
      return logical(logical, scope);
    }
    if (expression instanceof Expression.Arithmetic arithmetic) {
      return arithmetic(arithmetic, scope);
    }
    if (expression instanceof Expression.Comparison comparison) {
      return comparison(comparison, scope);
    }
    if (expression instanceof Expression.Concatenation parts) {
      return concatenation(parts, scope);
    }
    if (expression instanceof Expression.Choice choice) {
      return value(holds(choice.condition(), scope) ? choice.then() : choice.otherwise(), scope);
    }
    return ofParts(expression, scope);
  }

  private Object ofParts(Expression expression, Scope scope) {
    if (expression instanceof Expression.Attribute attribute) {
      return operators.attribute(value(attribute.value(), scope), attribute.name());
    }
    if (expression instanceof Expression.Item item) {
      return operators.item(value(item.value(), scope), value(item.key(), scope));
    }
    if (expression instanceof Expression.Slice slice) {
      return operators.slice(
          value(slice.value(), scope),
          valueOrNull(slice.from(), scope),
          valueOrNull(slice.to(), scope),
          valueOrNull(slice.step(), scope));
    }
    if (expression instanceof Expression.Call call) {
      return call(call, scope, Map.of());
    }
    if (expression instanceof Expression.Filter filter) {
      Object value = value(filter.value(), scope);
      return filters.apply(filter.name(), value, args(filter.name(), filter.arguments(), scope));
    }
    Expression.Check check = (Expression.Check) expression;
    Object value = value(check.value(), scope);
    return checks.holds(check.name(), value, args(check.name(), check.arguments(), scope));
  }

  private Object valueOrNull(Expression expression, Scope scope) {
    return expression == null ? null : value(expression, scope);
  }

  private List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>();
    for (Expression one : expressions) {
      values.add(value(one, scope));
    }
    return values;
  }

  private Map<Object, Object> dictionary(Expression.Dictionary dictionary, Scope scope) {
    Map<Object, Object> map = new LinkedHashMap<>();
    List<Expression> entries = dictionary.entries();
    for (int i = 0; i < entries.size(); i += 2) {
      map.put(Values.key(value(entries.get(i), scope)), value(entries.get(i + 1), scope));
    }
    return map;
  }

  private Object logical(Expression.Logical logical, Scope scope) {
    Object value = null;
    for (Expression part : logical.parts()) {
      value = value(part, scope);
      if (Values.truth(value) != logical.and()) {
        return value;
      }
    }
    return value;
  }

  private Object arithmetic(Expression.Arithmetic arithmetic, Scope scope) {
    Object value = value(arithmetic.first(), scope);
    for (int i = 0; i < arithmetic.rest().size(); i++) {
      Object next = value(arithmetic.rest().get(i), scope);
      value = operators.apply(arithmetic.operators().get(i), value, next);
    }
    return value;
  }

  private boolean comparison(Expression.Comparison comparison, Scope scope) {
    Object left = value(comparison.first(), scope);
    for (int i = 0; i < comparison.rest().size(); i++) {
      Object right = value(comparison.rest().get(i), scope);
      if (!operators.compare(comparison.operators().get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private String concatenation(Expression.Concatenation concatenation, Scope scope) {
    StringBuilder all = new StringBuilder();
    for (Expression part : concatenation.parts()) {
      String text = Values.text(value(part, scope), budget);
      budget.size((long) all.length() + text.length());
      all.append(text);
    }
    return all.toString();
  }

  /** A call with some arguments of the renderer's, such as a macro's caller. */
  Object call(Expression.Call call, Scope scope, Map<String, Object> more) {
    Object callee = value(call.callee(), scope);
    if (!(callee instanceof Callable function)) {
      Values.defined(callee);
      throw new TemplateException("calls " + Values.type(callee) + " as a function");
    }
    String name =
        call.callee() instanceof Expression.Attribute attribute
            ? attribute.name()
            : call.callee() instanceof Expression.Variable variable
                ? variable.name()
                : "a function";
    Args args = args(name, call.arguments(), scope);
    args.named().putAll(more);
    return function.call(args);
  }

  private Args args(String name, Arguments arguments, Scope scope) {
    Map<String, Object> named = new LinkedHashMap<>();
    arguments.named().forEach((key, value) -> named.put(key, value(value, scope)));
    return new Args(name, values(arguments.positional(), scope), named);
  }

  /** A block's filters of its text. */
  Object filtered(Expression filter, Object text, Scope scope) {
    if (!(filter instanceof Expression.Filter one)) {
      return text; // where the chain begins
    }
    Object value = filtered(one.value(), text, scope);
    return filters.apply(one.name(), value, args(one.name(), one.arguments(), scope));
  }
}
