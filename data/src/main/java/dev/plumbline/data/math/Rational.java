package dev.plumbline.data.math;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** An exact fraction in lowest terms with a positive denominator. */
record Rational(BigInteger numerator, BigInteger denominator) implements Comparable<Rational> {
  static final Rational ONE = of(BigInteger.ONE);

  Rational {
    if (denominator.signum() == 0) {
      throw new Unsupported("a division by zero");
    }
    BigInteger g = numerator.gcd(denominator);
    if (denominator.signum() < 0) {
      g = g.negate();
    }
    numerator = numerator.divide(g);
    denominator = denominator.divide(g);
  }

  static Rational of(BigInteger n) {
    return new Rational(n, BigInteger.ONE);
  }

  /** A decimal such as {@code .05} or {@code 12.50}. */
  static Rational ofDecimal(String digits) {
    BigDecimal d = new BigDecimal(digits);
    return d.scale() <= 0
        ? of(d.toBigIntegerExact())
        : new Rational(d.unscaledValue(), BigInteger.TEN.pow(d.scale()));
  }

  Rational plus(Rational other) {
    return new Rational(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  Rational times(Rational other) {
    return new Rational(
        numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  Rational inverse() {
    return new Rational(denominator, numerator);
  }

  Rational negated() {
    return new Rational(numerator.negate(), denominator);
  }

  /** An integer power >= 0; throws {@link Unsupported} before the numbers grow too large. */
  Rational power(int n) {
    if ((long) bits() * n > Polynomial.MAX_BITS) {
      throw new Unsupported("numbers of more than " + Polynomial.MAX_BITS + " bits");
    }
    return new Rational(numerator.pow(n), denominator.pow(n));
  }

  boolean isWhole() {
    return denominator.equals(BigInteger.ONE);
  }

  int signum() {
    return numerator.signum();
  }

  double approximate() {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), MathContext.DECIMAL64)
        .doubleValue();
  }

  @Override
  public int compareTo(Rational other) {
    return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
  }

  @Override
  public String toString() {
    return isWhole() ? numerator.toString() : numerator + "/" + denominator;
  }

  boolean isZero() {
    return numerator.signum() == 0;
  }

  int bits() {
    return Math.max(numerator.bitLength(), denominator.bitLength());
  }
}
