package dev.plumbline.data.math;

import java.math.BigInteger;

/**
 * Roots of degree above 2 of integers: the n-th root of 48 is 2^(4/n) 3^(1/n), a product of symbols
 * with fractional powers, so that products are exact.
 */
final class Roots {
  private static final int MAX_BITS = 512;
  private static final int MAX_TRIAL = 1_000;

  private Roots() {}

  /** The n-th root of m >= 0. */
  static Value of(int n, BigInteger m) {
    if (m.bitLength() > MAX_BITS) {
      throw new Unsupported("a radicand of more than " + MAX_BITS + " bits");
    }
    BigInteger whole = floor(n, m);
    if (whole.pow(n).equals(m)) {
      return Value.of(Rational.of(whole));
    }
    Value product = Value.of(Rational.ONE);
    BigInteger rest = m;
    for (int p = 2; p < MAX_TRIAL && rest.compareTo(BigInteger.ONE) > 0; p++) {
      BigInteger prime = BigInteger.valueOf(p);
      int power = 0;
      while (rest.mod(prime).signum() == 0) {
        rest = rest.divide(prime);
        power++;
      }
      product = power > 0 ? product.times(power(prime, power, n)) : product;
    }
    return rest.equals(BigInteger.ONE) ? product : product.times(power(rest, 1, n));
  }

  /** number^(power/n); integer powers and square roots need no symbols. */
  private static Value power(BigInteger number, int power, int n) {
    Rational left = new Rational(BigInteger.valueOf(power % n), BigInteger.valueOf(n));
    Value whole = Value.of(Rational.of(number).power(power / n));
    if (left.isZero()) {
      return whole;
    }
    return left.denominator().equals(BigInteger.TWO)
        ? whole.times(Value.of(Polynomial.root(number)))
        : whole.times(Value.symbol(Polynomial.PRIME + number.toString(), left));
  }

  /** The largest integer whose n-th power is at most m, bit by bit. */
  private static BigInteger floor(int n, BigInteger m) {
    BigInteger root = BigInteger.ZERO;
    for (int bit = m.bitLength() / n; bit >= 0; bit--) {
      BigInteger next = root.setBit(bit);
      if (next.pow(n).compareTo(m) <= 0) {
        root = next;
      }
    }
    return root;
  }
}
