package dev.plumbline.data.math;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An equation, an inequality or a membership: two or more sides and the signs between them. {@code
 * 3 < x} equals {@code x > 3}, and an equation or inequality equals its positive multiples.
 */
record Relation(List<String> sides, String signs) {
  private static final String ALL = "=<>\u2264\u2265\u2260\u2208";
  private static final Pattern GREATER = Pattern.compile("[>\u2265]+");
  private static final Pattern LESS = Pattern.compile("[<\u2264]+");

  /** One or more letters, with an index or an argument; a tuple of letters; a length. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?!\\\\(pi|infty|frac|sqrt))(\\\\[a-zA-Z]+|m\\\\angle\\s*)?[a-zA-Z]*'?(\\^\\{-1\\})?(_\\{?[a-zA-Z0-9]+\\}?)?"
              + "(\\([a-zA-Z](,[a-zA-Z])*\\))?|[fghpqFGHPQ]\\(-?[0-9.]+\\)|\\\\overline\\{[A-Z]+\\}|\\|[A-Z]{2}\\|"
              + "|\\\\frac\\{d[a-z]\\}\\{d[a-z]\\}");

  /** Parses a relation; null for an answer without a sign outside its brackets. */
  static Relation read(String s) {
    List<String> sides = new ArrayList<>();
    StringBuilder signs = new StringBuilder();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      depth += MathText.nesting(c);
      if (depth == 0 && ALL.indexOf(c) >= 0) {
        sides.add(s.substring(from, i));
        signs.append(c);
        from = i + 1;
      }
    }
    sides.add(s.substring(from));
    return signs.isEmpty() ? null : new Relation(List.copyOf(sides), signs.toString());
  }

  /** Whether it is an inequality or a chain of inequalities, from the smaller side on. */
  boolean isInequality() {
    return LESS.matcher(turned().signs).matches();
  }

  boolean isEquation() {
    return signs.chars().allMatch(c -> c == '=');
  }

  /** The relation from the smaller side on: {@code x > 3} becomes {@code 3 < x}. */
  Relation turned() {
    if (!GREATER.matcher(signs).matches()) {
      return this;
    }
    List<String> reversed = new ArrayList<>(sides);
    Collections.reverse(reversed);
    String less =
        new StringBuilder(signs).reverse().toString().replace('>', '<').replace('\u2265', '\u2264');
    return new Relation(List.copyOf(reversed), less);
  }

  /** The variable that an equation or a membership gives a value to, or null. */
  String name() {
    if (!isEquation() && !signs.equals("\u2208")) {
      return null;
    }
    return isName(sides.get(0)) ? sides.get(0) : null;
  }

  static boolean isName(String side) {
    return !side.isEmpty()
        && (NAME.matcher(side).matches() || side.matches("\\([a-zA-Z](,[a-zA-Z])+\\)"));
  }

  /**
   * The value of the relation for a comparison with a plain value: 5 for {@code x = 5}, S for
   * {@code x \in S}, the last side of a true {@code 2 + 3 = 5}.
   */
  String value() {
    String last = sides.get(sides.size() - 1);
    if (name() != null && sides.size() == 2) {
      return last;
    }
    if (!isEquation()) {
      return null;
    }
    if (sides.size() == 2 && isName(last)) {
      return sides.get(0); // 5 = x
    }
    for (String side : sides.subList(name() != null ? 1 : 0, sides.size() - 1)) {
      if (!MathEquality.values(side, last)) {
        return null;
      }
    }
    return last;
  }

  boolean same(Relation other) {
    Relation a = turned();
    Relation b = other.turned();
    if (!a.signs.equals(b.signs)) {
      return false;
    }
    if (MathEquality.ordered(a.sides, b.sides)) {
      return true;
    }
    boolean symmetric = a.signs.equals("=") || a.signs.equals("\u2260");
    if (symmetric && MathEquality.ordered(List.of(a.sides.get(1), a.sides.get(0)), b.sides)) {
      return true;
    }
    return a.signs.length() == 1 && !a.signs.equals("\u2208") && multiple(a, b, symmetric);
  }

  /**
   * Whether two relations describe the same line, curve or half-plane: the differences of their
   * sides are multiples of each other.
   */
  private static boolean multiple(Relation a, Relation b, boolean symmetric) {
    try {
      Value first = a.difference();
      Value second = b.difference();
      Rational ratio = first.rational() != null ? null : first.ratio(second);
      return ratio != null && (symmetric || ratio.signum() > 0);
    } catch (Unsupported | ArithmeticException e) {
      return false;
    }
  }

  private Value difference() {
    return Parser.parse(sides.get(0)).plus(Parser.parse(sides.get(1)).negated());
  }
}
