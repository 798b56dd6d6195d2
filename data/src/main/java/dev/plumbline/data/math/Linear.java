package dev.plumbline.data.math;

import java.util.Map;

/**
 * An expression of degree 1 in one variable: slope * (name - root).
 *
 * @param name the variable
 * @param slope not 0
 */
record Linear(String name, Rational slope, Value root) {
  /**
   * Converts an expression; throws {@link Unsupported} for any other degree or number of variables.
   */
  static Linear of(Value expression) {
    Map.Entry<Polynomial.Monomial, Rational> term = null;
    for (var next : expression.above().terms().entrySet()) {
      boolean constant = next.getKey().symbols().isEmpty();
      if (!constant && term != null) {
        throw new Unsupported("two terms with a variable");
      }
      term = constant ? term : next;
    }
    Rational below = expression.below().rational();
    if (term == null || below == null || term.getKey().symbols().size() > 1) {
      throw new Unsupported("no expression in one variable");
    }
    String name = term.getKey().symbols().firstKey();
    Rational slope = term.getValue().times(below.inverse());
    Value rest = expression.plus(Value.of(slope.negated()).times(Value.symbol(name)));
    if (Double.isNaN(rest.approximate()) || !Relation.isName(name)) {
      throw new Unsupported("an expression of a higher degree");
    }
    return new Linear(name, slope, rest.negated().over(Value.of(slope)));
  }
}
