package dev.plumbline.data.math;

import java.math.BigInteger;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A sum of rational multiples of products of square roots and symbols, in canonical form, so that
 * equal values are equal maps: {@code 3/2 sqrt(6) pi x^2}. The imaginary unit is the root of -1.
 *
 * <p>Powers of symbols are positive fractions: the cube root of x is x^(1/3). A symbol whose name
 * begins with {@link #PRIME} is a number under a root of degree above 2; its integer powers are
 * multiplied out.
 */
final class Polynomial {
  // No real answer comes near these bounds; they limit the time for a hostile response.
  private static final int MAX_TERMS = 200;
  private static final int MAX_PRODUCT = 5_000;
  static final int MAX_BITS = 4_096;
  private static final int MAX_BITS_OF_MANY = 1_000;
  private static final int MANY = 4;
  private static final int MAX_RADICAND_BITS = 256;
  private static final int MAX_NAME = 400;
  private static final long MAX_TRIAL = 20_000;

  /** Prefix of the name of a number under a root of degree above 2. */
  static final char PRIME = '#';

  /**
   * The part of a term after its coefficient.
   *
   * @param radicand square-free; 1 for no root, negative for an imaginary root
   * @param symbols power by name
   * @param key the symbols as text, for sorting
   */
  record Monomial(BigInteger radicand, SortedMap<String, Rational> symbols, String key)
      implements Comparable<Monomial> {
    static final Monomial ONE = new Monomial(BigInteger.ONE, new TreeMap<>());

    Monomial(BigInteger radicand, SortedMap<String, Rational> symbols) {
      this(radicand, symbols, symbols.toString());
    }

    @Override
    public int compareTo(Monomial other) {
      int first = radicand.compareTo(other.radicand);
      return first != 0 ? first : key.compareTo(other.key);
    }

    @Override
    public String toString() {
      return radicand + key;
    }
  }

  private final TreeMap<Monomial, Rational> terms;

  private Polynomial(TreeMap<Monomial, Rational> terms) {
    if (terms.size() > MAX_TERMS) {
      throw new Unsupported("more than " + MAX_TERMS + " terms");
    }
    this.terms = terms;
  }

  static Polynomial of(Rational value) {
    TreeMap<Monomial, Rational> terms = new TreeMap<>();
    if (!value.isZero()) {
      terms.put(Monomial.ONE, value);
    }
    return new Polynomial(terms);
  }

  static Polynomial symbol(String name) {
    if (name.length() > MAX_NAME) {
      throw new Unsupported("a symbol of more than " + MAX_NAME + " characters");
    }
    TreeMap<Monomial, Rational> terms = new TreeMap<>();
    terms.put(
        new Monomial(BigInteger.ONE, new TreeMap<>(Map.of(name, Rational.ONE))), Rational.ONE);
    return new Polynomial(terms);
  }

  /** Creates a polynomial of one term. */
  static Polynomial of(Monomial monomial, Rational coefficient) {
    return of(coefficient).times(new Polynomial(new TreeMap<>(Map.of(monomial, Rational.ONE))));
  }

  /** The square root of an integer; the largest square factor is moved out of the root. */
  static Polynomial root(BigInteger n) {
    BigInteger outside = BigInteger.ONE;
    BigInteger inside = n;
    BigInteger magnitude = n.abs();
    BigInteger whole = magnitude.sqrt();
    if (whole.multiply(whole).equals(magnitude)) {
      outside = whole;
      inside = BigInteger.valueOf(n.signum());
    } else if (magnitude.bitLength() > MAX_RADICAND_BITS) {
      throw new Unsupported("a radicand of more than " + MAX_RADICAND_BITS + " bits");
    } else {
      for (long p = 2; p < MAX_TRIAL; p++) {
        BigInteger square = BigInteger.valueOf(p).pow(2);
        if (square.compareTo(inside.abs()) > 0) {
          break;
        }
        while (inside.mod(square).signum() == 0) {
          inside = inside.divide(square);
          outside = outside.multiply(BigInteger.valueOf(p));
        }
      }
    }
    TreeMap<Monomial, Rational> terms = new TreeMap<>();
    if (outside.signum() != 0) {
      terms.put(new Monomial(inside, new TreeMap<>()), Rational.of(outside));
    }
    return new Polynomial(terms);
  }

  /** The rational value, or null if it is not rational. */
  Rational rational() {
    if (terms.isEmpty()) {
      return Rational.of(BigInteger.ZERO);
    }
    return terms.size() == 1 && terms.firstKey().compareTo(Monomial.ONE) == 0
        ? terms.firstEntry().getValue()
        : null;
  }

  /** The rational r with this = r * other, or null. */
  Rational ratio(Polynomial other) {
    if (terms.isEmpty() || !terms.keySet().equals(other.terms.keySet())) {
      return null;
    }
    Rational first = other.terms.firstEntry().getValue();
    Rational ratio = terms.firstEntry().getValue().times(first.inverse());
    return equals(other.times(of(ratio))) ? ratio : null;
  }

  boolean isZero() {
    return terms.isEmpty();
  }

  SortedMap<Monomial, Rational> terms() {
    return terms;
  }

  /**
   * The positive rational c for which this / c has integer coefficients without a common factor.
   */
  Rational content() {
    BigInteger above = BigInteger.ZERO;
    BigInteger below = BigInteger.ONE;
    for (Rational coefficient : terms.values()) {
      above = above.gcd(coefficient.numerator());
      below =
          below.divide(below.gcd(coefficient.denominator())).multiply(coefficient.denominator());
      if (below.bitLength() > MAX_BITS) {
        throw new Unsupported("numbers of more than " + MAX_BITS + " bits");
      }
    }
    return terms.isEmpty() ? Rational.ONE : new Rational(above, below);
  }

  /** The value in double precision; NaN if a symbol has no value. */
  double approximate() {
    double sum = 0;
    for (var term : terms.entrySet()) {
      double product =
          term.getValue().approximate() * Math.sqrt(term.getKey().radicand.doubleValue());
      for (var symbol : term.getKey().symbols.entrySet()) {
        product *= Math.pow(constant(symbol.getKey()), symbol.getValue().approximate());
      }
      sum += product;
    }
    return sum;
  }

  private static double constant(String name) {
    return switch (name) {
      case "e" -> Math.E;
      case "\\pi" -> Math.PI;
      default ->
          name.charAt(0) == PRIME ? new BigInteger(name.substring(1)).doubleValue() : Double.NaN;
    };
  }

  Polynomial plus(Polynomial other) {
    TreeMap<Monomial, Rational> sum = new TreeMap<>(terms);
    other.terms.forEach((key, value) -> add(sum, key, value));
    return new Polynomial(sum);
  }

  Polynomial negated() {
    TreeMap<Monomial, Rational> negated = new TreeMap<>();
    terms.forEach((key, value) -> negated.put(key, value.negated()));
    return new Polynomial(negated);
  }

  Polynomial times(Polynomial other) {
    if ((long) terms.size() * other.terms.size() > MAX_PRODUCT) {
      throw new Unsupported("too large a product");
    }
    TreeMap<Monomial, Rational> product = new TreeMap<>();
    terms.forEach(
        (a, x) ->
            other.terms.forEach(
                (b, y) -> {
                  Rational[] outside = {x.times(y)};
                  Monomial key = multiply(a, b, outside);
                  add(product, key, outside[0]);
                }));
    return new Polynomial(product);
  }

  /** sqrt(m) sqrt(n) = g sqrt(mn / g^2) with g = gcd(m, n); of two negative ones, -g. */
  private static Monomial multiply(Monomial a, Monomial b, Rational[] outside) {
    BigInteger g = a.radicand.gcd(b.radicand);
    BigInteger rest = a.radicand.divide(g).multiply(b.radicand.divide(g));
    boolean bothImaginary = a.radicand.signum() < 0 && b.radicand.signum() < 0;
    outside[0] = outside[0].times(Rational.of(bothImaginary ? g.negate() : g));
    SortedMap<String, Rational> symbols = new TreeMap<>(a.symbols);
    b.symbols.forEach((name, power) -> symbols.merge(name, power, Rational::plus));
    symbols.replaceAll((name, power) -> below1(name, power, outside));
    symbols.values().removeIf(Rational::isZero);
    return new Monomial(rest, symbols);
  }

  /**
   * The power of a symbol; for a number, the fractional part that remains after its integer part is
   * multiplied out.
   */
  private static Rational below1(String name, Rational power, Rational[] outside) {
    if (name.charAt(0) != PRIME || power.compareTo(Rational.ONE) < 0) {
      return power;
    }
    BigInteger whole = power.numerator().divide(power.denominator());
    Rational number = Rational.of(new BigInteger(name.substring(1)));
    outside[0] = outside[0].times(number.power(whole.intValueExact()));
    return power.plus(Rational.of(whole.negate()));
  }

  private static void add(TreeMap<Monomial, Rational> sum, Monomial key, Rational value) {
    Rational total = sum.containsKey(key) ? sum.get(key).plus(value) : value;
    int most = sum.size() > MANY ? MAX_BITS_OF_MANY : MAX_BITS;
    if (total.bits() > most) {
      throw new Unsupported("numbers of more than " + most + " bits");
    }
    if (total.isZero()) {
      sum.remove(key);
    } else {
      sum.put(key, total);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Polynomial p && terms.equals(p.terms);
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  @Override
  public String toString() {
    return terms.toString();
  }
}
