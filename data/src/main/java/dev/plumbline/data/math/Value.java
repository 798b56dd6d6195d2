package dev.plumbline.data.math;

import java.math.BigInteger;

/**
 * An exact quotient of two polynomials. Two are equal when their cross products are, so no
 * denominator needs to be rationalised.
 */
record Value(Polynomial above, Polynomial below) {
  private static final int MAX_POWER = 60;

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

  /**
   * An integer power up to 60, or a root of a rational; every other power is a symbol of its own,
   * so that {@code 2^{2010}-1} differs from {@code 2^{2009}}.
   */
  Value power(Value exponent) {
    Rational e = exponent.rational();
    if (e == null || e.numerator().abs().compareTo(BigInteger.valueOf(MAX_POWER)) > 0) {
      return symbol("(" + this + ")^(" + exponent + ")");
    }
    int n = e.numerator().intValue();
    if (!e.denominator().equals(BigInteger.ONE)) {
      Rational base = rational();
      return base == null || base.numerator().signum() < 0
          ? symbol("(" + this + ")^(" + exponent + ")")
          : root(e.denominator()).power(of(Rational.of(e.numerator())));
    }
    Value result = of(Rational.of(BigInteger.ONE));
    for (int i = 0; i < Math.abs(n); i++) {
      result = result.times(this);
    }
    return n < 0 ? of(Rational.of(BigInteger.ONE)).over(result) : result;
  }

  /** The n-th root; of a rational p/q it is the root of p q^(n-1) over q. */
  Value root(BigInteger degree) {
    if (degree.equals(BigInteger.TWO)) {
      return squareRoot();
    }
    Rational r = rational();
    if (r == null || degree.signum() <= 0 || degree.bitLength() > 4) {
      return symbol("root(" + degree + "," + this + ")");
    }
    int n = degree.intValueExact();
    boolean negative = r.numerator().signum() < 0;
    if (negative && n % 2 == 0) {
      throw new Unsupported("an even root of a negative number");
    }
    Value magnitude =
        Roots.of(n, r.numerator().abs().multiply(r.denominator().pow(n - 1)))
            .over(of(Rational.of(r.denominator())));
    return negative ? magnitude.negated() : magnitude;
  }

  /** The root of a rational p/q is sqrt(pq)/q; the root of anything else is a symbol. */
  Value squareRoot() {
    Rational r = rational();
    if (r == null) {
      return symbol("sqrt(" + this + ")");
    }
    return of(Polynomial.root(r.numerator().multiply(r.denominator())))
        .over(of(Rational.of(r.denominator())));
  }

  /** The rational value where it is one, else null. */
  Rational rational() {
    Rational a = above.rational();
    Rational b = below.rational();
    return a == null || b == null ? null : a.times(b.inverse());
  }

  /** Whether the quotient is a rational number other than 0, also where it was not reduced. */
  boolean rationalMultiple() {
    Rational ratio = above.ratio(below);
    return ratio != null && !ratio.isZero();
  }

  boolean same(Value other) {
    return above.times(other.below).equals(other.above.times(below));
  }

  @Override
  public String toString() {
    Rational r = rational();
    return r != null ? r.numerator() + "/" + r.denominator() : above + "/" + below;
  }
}
