package dev.plumbline.data.math;

import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;

/**
 * An exact quotient of two polynomials. Two quotients are equal if their cross products are equal,
 * so that no denominator needs to be rationalised.
 */
record Value(Polynomial above, Polynomial below) {
  Value {
    if (below.isZero()) {
      throw new Unsupported("a division by zero");
    }
  }

  static Value of(Polynomial p) {
    return new Value(p, Polynomial.of(Rational.of(BigInteger.ONE)));
  }

  static Value of(Rational r) {
    return of(Polynomial.of(r));
  }

  static Value symbol(String name) {
    return of(Polynomial.symbol(name));
  }

  /** A positive power of a symbol. */
  static Value symbol(String name, Rational power) {
    return of(
        Polynomial.of(
            new Polynomial.Monomial(BigInteger.ONE, new TreeMap<>(Map.of(name, power))),
            Rational.ONE));
  }

  Value plus(Value other) {
    return new Value(
        above.times(other.below).plus(other.above.times(below)), below.times(other.below));
  }

  Value negated() {
    return new Value(above.negated(), below);
  }

  Value times(Value other) {
    return new Value(above.times(other.above), below.times(other.below));
  }

  Value over(Value other) {
    return new Value(above.times(other.below), below.times(other.above));
  }

  /** Computes a power; a power that cannot be computed becomes a new symbol. */
  Value power(Value exponent) {
    return Powers.of(this, exponent);
  }

  Value squareRoot() {
    return Powers.square(this);
  }

  /** The n-th root; a new symbol if it cannot be computed. */
  Value root(BigInteger degree) {
    Value root = Powers.root(this, degree);
    return root != null ? root : symbol("root(" + degree + "," + this + ")");
  }

  /** Upper bound of the bits of a numerator, denominator or radicand. */
  int bits() {
    return Math.max(bits(above), bits(below));
  }

  private static int bits(Polynomial p) {
    int bits = 1;
    for (var term : p.terms().entrySet()) {
      int radicand = term.getKey().radicand().bitLength();
      int coefficient = term.getValue().equals(Rational.ONE) ? 0 : term.getValue().bits();
      bits = Math.max(bits, Math.max(radicand == 1 ? 0 : radicand, coefficient));
    }
    return bits;
  }

  /** The value in double precision; NaN if it contains a variable or function. */
  double approximate() {
    return above.approximate() / below.approximate();
  }

  /** The rational value, or null if it is not rational. */
  Rational rational() {
    Rational a = above.rational();
    Rational b = below.rational();
    return a == null || b == null ? null : a.times(b.inverse());
  }

  /** The rational number r != 0 with this = r * other, or null. */
  Rational ratio(Value other) {
    if (above.isZero() || other.above.isZero()) {
      return null;
    }
    Value quotient = over(other);
    return quotient.above.ratio(quotient.below);
  }

  boolean same(Value other) {
    return above.times(other.below).equals(other.above.times(below));
  }

  @Override
  public String toString() {
    Rational r = rational();
    return r != null ? r.toString() : above + "/" + below;
  }
}
