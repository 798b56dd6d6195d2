package dev.plumbline.data.math;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses an answer as a set of real numbers: intervals and their unions, inequalities in one
 * variable, {@code x \neq 1}, finite sets, all reals with exceptions.
 *
 * @param variable the variable of an inequality or a membership, or null
 * @param told whether a sign marks this as a set; {@code (1,2)} alone may be a point
 */
record SetReader(RealSet set, String variable, boolean told) {
  private static final Pattern BUILDER =
      Pattern.compile(
          "\\\\\\{([a-zA-Z])(\u2208\\\\mathbb\\{?R\\}?)?(?::|\\||\\\\mid|\\\\vert)(.*)\\\\\\}");
  private static final Pattern REALS = Pattern.compile("\\\\mathbb\\{?R\\}?");
  private static final Pattern INFINITE = Pattern.compile("([-+]?)\\\\infty");

  /** Whether two answers are equal sets; null if they should not be compared as sets. */
  static Boolean same(String a, String b) {
    SetReader first = read(a);
    SetReader second = read(b);
    if (first == null || second == null || !(first.told || second.told)) {
      return null;
    }
    boolean sameName =
        first.variable == null || second.variable == null || first.variable.equals(second.variable);
    return sameName && first.set.same(second.set);
  }

  private static SetReader read(String s) {
    try {
      return any(s);
    } catch (Unsupported | ArithmeticException e) {
      return null;
    }
  }

  private static SetReader any(String s) {
    List<String> alternatives = MathText.split(s, "\u2228");
    if (alternatives.size() > 1) {
      return alternatives.stream().map(SetReader::all).reduce(SetReader::or).orElseThrow();
    }
    return all(s);
  }

  /**
   * Conditions that must all hold; conditions separated by commas that contradict each other are
   * alternatives.
   */
  private static SetReader all(String s) {
    List<String> conditions = MathText.split(s, "\u2227");
    if (conditions.size() > 1) {
      return nonEmpty(
          conditions.stream().map(SetReader::listed).reduce(SetReader::and).orElseThrow());
    }
    return listed(s);
  }

  private static SetReader listed(String s) {
    List<String> parts = MathText.split(s, ",");
    if (parts.size() == 1) {
      return one(s);
    }
    Relation first = Relation.read(parts.get(0));
    if (first == null || first.isEquation()) {
      throw new Unsupported("a list");
    }
    SetReader together = null;
    SetReader either = null;
    for (String part : parts) {
      boolean bare = Relation.read(part) == null && first.signs().equals("\u2260"); // x != 1, 2
      SetReader next = one(bare ? first.sides().get(0) + "\u2260" + part : part);
      together = together == null ? next : and(together, next);
      either = either == null ? next : or(either, next);
    }
    return together.set.pieces().isEmpty() ? either : together;
  }

  private static SetReader nonEmpty(SetReader reader) {
    if (reader.set.pieces().isEmpty()) {
      throw new Unsupported("conditions that contradict each other");
    }
    return reader;
  }

  private static SetReader or(SetReader a, SetReader b) {
    return new SetReader(a.set.union(b.set), name(a, b), a.told || b.told);
  }

  private static SetReader and(SetReader a, SetReader b) {
    return new SetReader(a.set.intersection(b.set), name(a, b), a.told || b.told);
  }

  private static String name(SetReader a, SetReader b) {
    if (a.variable != null && b.variable != null && !a.variable.equals(b.variable)) {
      throw new Unsupported("two variables");
    }
    return a.variable != null ? a.variable : b.variable;
  }

  private static SetReader one(String s) {
    Relation relation = Relation.read(s);
    if (relation != null) {
      return relation(relation.turned());
    }
    List<String> united = MathText.split(s, "\u222a");
    if (united.size() > 1) {
      SetReader union = united.stream().map(SetReader::one).reduce(SetReader::or).orElseThrow();
      return new SetReader(union.set, union.variable, true);
    }
    List<String> without = MathText.split(s, "\u2216");
    if (without.size() > 1) {
      RealSet set = one(without.get(0)).set;
      for (String part : without.subList(1, without.size())) {
        set = set.intersection(one(part).set.complement());
      }
      return new SetReader(set, null, true);
    }
    return simple(s);
  }

  private static SetReader simple(String s) {
    if (REALS.matcher(s).matches()) {
      return new SetReader(RealSet.ALL, null, true);
    }
    Matcher builder = BUILDER.matcher(s);
    if (builder.matches()) {
      SetReader condition = any(builder.group(3));
      if (!builder.group(1).equals(condition.variable)) {
        throw new Unsupported("a condition on another variable");
      }
      return new SetReader(condition.set, null, true);
    }
    if (MathText.isSet(s)) {
      List<String> elements = Listing.elements(s);
      return new SetReader(points(elements), null, false);
    }
    return interval(s);
  }

  private static RealSet points(List<String> elements) {
    RealSet points = RealSet.of(List.of());
    for (String element : elements) {
      points = points.union(RealSet.point(Parser.parse(element)));
    }
    return points;
  }

  private static SetReader interval(String s) {
    boolean brackets =
        s.length() > 2
            && "([".indexOf(s.charAt(0)) >= 0
            && ")]".indexOf(s.charAt(s.length() - 1)) >= 0;
    List<String> ends =
        brackets ? MathText.split(s.substring(1, s.length() - 1), ",") : List.<String>of();
    if (ends.size() != 2) {
      throw new Unsupported("no interval");
    }
    RealSet.Piece piece =
        new RealSet.Piece(
            end(ends.get(0)),
            s.charAt(0) == '[',
            end(ends.get(1)),
            s.charAt(s.length() - 1) == ']');
    return nonEmpty(new SetReader(RealSet.of(List.of(piece)), null, false));
  }

  private static RealSet.End end(String s) {
    Matcher infinite = INFINITE.matcher(s);
    if (infinite.matches()) {
      return infinite.group(1).equals("-") ? RealSet.LEAST : RealSet.MOST;
    }
    return RealSet.end(Parser.parse(s));
  }

  private static SetReader relation(Relation r) {
    int sides = r.sides().size();
    String left = r.sides().get(0);
    String right = r.sides().get(sides - 1);
    if (r.isInequality()) {
      return inequality(r, sides, left, right);
    }
    if (sides == 2 && Relation.isName(left)) {
      return switch (r.signs()) {
        case "\u2208" -> {
          SetReader inner = one(right);
          yield new SetReader(inner.set, left, true);
        }
        case "\u2260" -> new SetReader(points(Listing.of(right).items()).complement(), left, true);
        case "=" -> new SetReader(RealSet.point(Parser.parse(right)), left, false);
        default -> throw new Unsupported("the relation " + r);
      };
    }
    throw new Unsupported("the relation " + r);
  }

  private static SetReader inequality(Relation r, int sides, String left, String right) {
    boolean lowIn = r.signs().charAt(0) == '\u2264';
    boolean highIn = r.signs().charAt(sides - 2) == '\u2264';
    RealSet.Piece piece;
    String name;
    if (sides == 3 && Relation.isName(r.sides().get(1))) {
      name = r.sides().get(1);
      piece = new RealSet.Piece(end(left), lowIn, end(right), highIn);
    } else if (sides == 2 && Relation.isName(left) && !left.equals("e")) {
      name = left;
      piece = new RealSet.Piece(RealSet.LEAST, false, end(right), highIn);
    } else if (sides == 2 && Relation.isName(right)) {
      name = right;
      piece = new RealSet.Piece(end(left), lowIn, RealSet.MOST, false);
    } else if (sides == 2) {
      return linear(Parser.parse(right).plus(Parser.parse(left).negated()), lowIn);
    } else {
      throw new Unsupported("the inequality " + r);
    }
    return nonEmpty(new SetReader(RealSet.of(List.of(piece)), name, true));
  }

  /** {@code 0 < k (x - c)} is {@code x > c}, or {@code x < c} for negative k. */
  private static SetReader linear(Value difference, boolean in) {
    Linear linear = Linear.of(difference);
    RealSet.End root = RealSet.end(linear.root());
    RealSet.Piece piece =
        linear.slope().signum() > 0
            ? new RealSet.Piece(root, in, RealSet.MOST, false)
            : new RealSet.Piece(RealSet.LEAST, false, root, in);
    return new SetReader(RealSet.of(List.of(piece)), linear.name(), true);
  }
}
