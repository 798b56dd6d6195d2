package dev.plumbline.data.math;

import java.math.BigInteger;
import java.util.Set;
import java.util.SortedMap;

/**
 * Powers and roots of exact values. Only identities that hold for all values of the variables are
 * used: the square root of x^2 stays a symbol, because it is not x for negative x.
 */
final class Powers {
  private static final int MAX_SUM_POWER = 60;
  private static final int MAX_BASE_BITS = 20;
  private static final int MAX_DEGREE_BITS = 4;

  /** Symbols of positive numbers, whose powers may be moved out of a root. */
  private static final Set<String> POSITIVE = Set.of("e", "\\pi");

  private Powers() {}

  /** Computes a power; a power that is not computed becomes a new symbol. */
  static Value of(Value base, Value exponent) {
    Rational e = exponent.rational();
    if (e == null) {
      return symbolic(base, exponent);
    }
    if (e.numerator().bitLength() > 31 || e.denominator().bitLength() > 31) {
      return opaque(base, exponent);
    }
    return e.isWhole() ? whole(base, e.numerator().intValueExact()) : fraction(base, e);
  }

  private static Value opaque(Value base, Value exponent) {
    return Value.symbol("(" + base + ")^(" + exponent + ")");
  }

  /**
   * The power of a single term is taken factor by factor; a sum is multiplied out up to power 60.
   */
  private static Value whole(Value base, int n) {
    int size = Math.abs(n);
    Value result;
    if (base.above().terms().size() <= 1 && base.below().terms().size() <= 1) {
      if ((long) size * base.bits() > Polynomial.MAX_BITS) {
        return opaque(base, Value.of(Rational.of(BigInteger.valueOf(n))));
      }
      result = squared(base, size);
    } else if (size <= MAX_SUM_POWER) {
      result = Value.of(Rational.ONE);
      for (int i = 0; i < size; i++) {
        result = result.times(base);
      }
    } else {
      return opaque(base, Value.of(Rational.of(BigInteger.valueOf(n))));
    }
    return n < 0 ? Value.of(Rational.ONE).over(result) : result;
  }

  private static Value squared(Value base, int n) {
    Value result = Value.of(Rational.ONE);
    Value square = base;
    for (int left = n; left > 0; left >>= 1) {
      result = (left & 1) == 1 ? result.times(square) : result;
      square = left > 1 ? square.times(square) : square;
    }
    return result;
  }

  private static Value fraction(Value base, Rational exponent) {
    Rational r = base.rational();
    Value root = r != null && r.signum() < 0 ? null : root(base, exponent.denominator());
    return root == null
        ? opaque(base, Value.of(exponent))
        : of(root, Value.of(Rational.of(exponent.numerator())));
  }

  /** a^(u+v) = a^u a^v, and (6/5)^u = 2^u 3^u / 5^u, so that equal powers have one form. */
  private static Value symbolic(Value base, Value exponent) {
    Rational below = exponent.below().rational();
    if (below == null) {
      return opaque(base, exponent);
    }
    Value result = Value.of(Rational.ONE);
    for (var term : exponent.above().terms().entrySet()) {
      Rational c = term.getValue().times(below.inverse());
      Value factor =
          term.getKey().compareTo(Polynomial.Monomial.ONE) == 0
              ? of(base, Value.of(c))
              : ofTerm(
                  base, Polynomial.of(term.getKey(), Rational.of(c.denominator()).inverse()), c);
      result = result.times(factor);
    }
    return result;
  }

  private static Value ofTerm(Value base, Polynomial term, Rational c) {
    Rational r = base.rational();
    Value power;
    if (r != null && r.signum() > 0 && r.bits() <= MAX_BASE_BITS) {
      power = primes(r.numerator(), term).over(primes(r.denominator(), term));
    } else {
      power = opaque(base, Value.of(term));
    }
    return of(power, Value.of(Rational.of(c.numerator())));
  }

  private static Value primes(BigInteger n, Polynomial term) {
    Value product = Value.of(Rational.ONE);
    long rest = n.longValueExact();
    for (long p = 2; rest > 1; p = p * p > rest ? rest : p + 1) {
      Value power = rest % p == 0 ? Value.symbol("(" + p + ")^(" + term + ")") : null;
      while (rest % p == 0) {
        product = product.times(power);
        rest /= p;
      }
    }
    return product;
  }

  /**
   * The n-th root; for a rational p/q, the root of p q^(n-1) divided by q. Null for an invalid
   * degree.
   */
  static Value root(Value base, BigInteger degree) {
    if (degree.signum() <= 0) {
      return null;
    }
    if (degree.equals(BigInteger.TWO)) {
      return square(base);
    }
    Rational r = base.rational();
    Value drawn = r == null ? drawn(base, degree) : null;
    if (drawn != null) {
      return drawn;
    }
    if (r == null || degree.bitLength() > MAX_DEGREE_BITS) {
      return Value.symbol("root(" + degree + "," + base + ")");
    }
    int n = degree.intValueExact();
    if (r.signum() < 0 && n % 2 == 0) {
      throw new Unsupported("an even root of a negative number");
    }
    Value magnitude =
        Roots.of(n, r.numerator().abs().multiply(r.denominator().pow(n - 1)))
            .over(Value.of(Rational.of(r.denominator())));
    return r.signum() < 0 ? magnitude.negated() : magnitude;
  }

  /**
   * The square root; for a rational p/q, sqrt(pq)/q; for a + b sqrt(c), a sum of roots if one
   * exists.
   */
  static Value square(Value base) {
    Rational r = base.rational();
    if (r != null) {
      return Value.of(Polynomial.root(r.numerator().multiply(r.denominator())))
          .over(Value.of(Rational.of(r.denominator())));
    }
    Value sum = denested(base);
    Value drawn = sum != null ? sum : drawn(base, BigInteger.TWO);
    if (drawn != null) {
      return drawn;
    }
    Rational content = base.above().content().times(base.below().content().inverse());
    Value primitive = base.over(Value.of(content));
    return square(Value.of(content)).times(Value.symbol("sqrt(" + primitive + ")"));
  }

  /** sqrt(a + b sqrt(c)) = sqrt((a+d)/2) + sqrt((a-d)/2), if d = sqrt(a^2 - b^2 c) is rational. */
  private static Value denested(Value base) {
    Rational below = base.below().rational();
    SortedMap<Polynomial.Monomial, Rational> terms = base.above().terms();
    if (below == null
        || terms.size() != 2
        || terms.firstKey().compareTo(Polynomial.Monomial.ONE) != 0
        || !terms.lastKey().symbols().isEmpty()) {
      return null;
    }
    Rational a = terms.get(terms.firstKey()).times(below.inverse());
    Rational b = terms.get(terms.lastKey()).times(below.inverse());
    Rational c = Rational.of(terms.lastKey().radicand());
    Rational d2 = a.times(a).plus(b.times(b).times(c).negated());
    if (a.signum() <= 0 || d2.signum() < 0) {
      return null;
    }
    Rational d = square(Value.of(d2)).rational();
    if (d == null) {
      return null;
    }
    Rational half = new Rational(BigInteger.ONE, BigInteger.TWO);
    Value first = square(Value.of(a.plus(d).times(half)));
    Value second = square(Value.of(a.plus(d.negated()).times(half)));
    return first.plus(b.signum() < 0 ? second.negated() : second);
  }

  /** The n-th root of a positive rational times one variable or positive symbols; else null. */
  private static Value drawn(Value base, BigInteger degree) {
    Rational below = base.below().rational();
    if (below == null || base.above().terms().size() != 1) {
      return null;
    }
    Polynomial.Monomial term = base.above().terms().firstKey();
    Rational c = base.above().terms().get(term).times(below.inverse());
    boolean one =
        term.symbols().size() == 1
            && term.symbols().values().iterator().next().equals(Rational.ONE);
    if (c.signum() <= 0
        || !term.radicand().equals(BigInteger.ONE)
        || !(one || POSITIVE.containsAll(term.symbols().keySet()))) {
      return null;
    }
    Value result = root(Value.of(c), degree);
    for (var symbol : term.symbols().entrySet()) {
      Rational power = symbol.getValue().times(Rational.of(degree).inverse());
      result = result.times(Value.symbol(symbol.getKey(), power));
    }
    return result;
  }
}
