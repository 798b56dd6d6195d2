package dev.plumbline.data.math;

import java.math.BigInteger;

/**
 * Roots of integers of a degree above 2: {@code root(3, 16)} is 2 times the symbol of root(3, 2).
 */
final class Roots {
  private static final int MAX_BITS = 512;
  private static final int MAX_TRIAL = 1_000;

  private Roots() {}

  /** The n-th root of m from 0 on: its largest n-th power with a small root goes outside. */
  static Value of(int n, BigInteger m) {
    if (m.bitLength() > MAX_BITS) {
      throw new Unsupported("a radicand of more than " + MAX_BITS + " bits");
    }
    BigInteger whole = floor(n, m);
    if (whole.pow(n).equals(m)) {
      return Value.of(Rational.of(whole));
    }
    BigInteger outside = BigInteger.ONE;
    BigInteger inside = m;
    for (int p = 2; p < MAX_TRIAL; p++) {
      BigInteger power = BigInteger.valueOf(p).pow(n);
      if (power.compareTo(inside) > 0) {
        break;
      }
      while (inside.mod(power).signum() == 0) {
        inside = inside.divide(power);
        outside = outside.multiply(BigInteger.valueOf(p));
      }
    }
    return Value.of(Rational.of(outside)).times(Value.symbol("root(" + n + "," + inside + ")"));
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
