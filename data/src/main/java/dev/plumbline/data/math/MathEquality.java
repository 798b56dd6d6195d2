package dev.plumbline.data.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides whether two answers are equal. Numbers and expressions are compared exactly, tuples by
 * their brackets and parts, sets and lists in any order, intervals and inequalities as sets of
 * numbers, matrices entry by entry, equations up to the order of their sides and a factor, and
 * anything else as text.
 *
 * <p>Expressions are compared as quotients of polynomials in canonical form, not by evaluation at
 * points. Radicals of sums, functions and unknown powers are symbols. Two answers that are equal
 * only because of an identity between such symbols count as different, and so do decimals that
 * approximate the answer.
 *
 * <p>Units are ignored if one answer has none, because only some of MATH's answers have them: 12 cm
 * equals 12, but not 12 inches. 50 % equals 50.
 */
public final class MathEquality {
  private static final int MAX_CHARACTERS = 500; // the longest of MATH's 5,000 answers has 78
  private static final int MAX_PARTS = 60;
  private static final Pattern WORD = Pattern.compile("[(]?[a-zA-Z]{4,}[)]?");

  /** Short words, which must not be read as products of their letters. */
  private static final Set<String> SHORT_WORDS =
      Set.of(
          ("yes no odd one two six ten all any none both red min max gcd lcm mod det true")
              .split(" "));

  private static final Pattern MATRIX =
      Pattern.compile("\\\\begin\\{([pbvV]?)matrix\\}(.*)\\\\end\\{\\1matrix\\}");

  private static final String EMPTY = "\\emptyset";

  private MathEquality() {}

  /** Returns the answer that a solution boxes, or null. */
  public static String boxed(String solution) {
    return MathText.boxed(solution);
  }

  /** Whether two answers, given without their box, are equal. */
  public static boolean same(String a, String b) {
    if (a.length() > MAX_CHARACTERS || b.length() > MAX_CHARACTERS) {
      return a.equals(b);
    }
    String first = MathText.normalise(a, b);
    String second = MathText.normalise(b, a);
    if (MathText.isWords(a) || MathText.isWords(b)) { // "no" is not a product of its letters
      return words(withoutName(first)).equals(words(withoutName(second)))
          || (first.equals("\\mathbb{R}") || second.equals("\\mathbb{R}"))
              && normalisedSame(first, second);
    }
    return !Units.differ(MathText.spaced(a), MathText.spaced(b)) && normalisedSame(first, second);
  }

  private static String withoutName(String s) {
    Relation relation = Relation.read(s);
    String value = relation == null || relation.name() == null ? null : relation.value();
    return value == null ? s : value;
  }

  static boolean normalisedSame(String a, String b) {
    if (a.equals(b)) {
      return true;
    }
    if (a.isEmpty() || b.isEmpty()) {
      return false;
    }
    if (MATRIX.matcher(a).matches() || MATRIX.matcher(b).matches()) {
      return matrices(a, b);
    }
    Boolean sets = SetReader.same(a, b);
    if (sets != null) {
      return sets;
    }
    List<String> unitedA = MathText.split(a, "\u222a");
    List<String> unitedB = MathText.split(b, "\u222a");
    if (unitedA.size() > 1 || unitedB.size() > 1) {
      return unions(unitedA, unitedB);
    }
    return listings(a, b);
  }

  /**
   * A union of sets in braces is one set with all their elements; any other union is compared part
   * by part.
   */
  private static boolean unions(List<String> a, List<String> b) {
    if (a.stream().allMatch(MathText::isSet) && b.stream().allMatch(MathText::isSet)) {
      return unordered(Listing.elements(merged(a)), Listing.elements(merged(b)));
    }
    return unordered(a, b);
  }

  private static String merged(List<String> sets) {
    List<String> inner = new ArrayList<>();
    for (String set : sets) {
      inner.add(set.substring(2, set.length() - 2));
    }
    return "\\{" + String.join(",", inner) + "\\}";
  }

  private static boolean listings(String a, String b) {
    if (isMembership(a) != isMembership(b)) {
      return isMembership(a)
          ? normalisedSame(withoutName(a), b)
          : normalisedSame(a, withoutName(b));
    }
    if (a.equals(EMPTY) || b.equals(EMPTY)) {
      return false; // a set that contains the empty set is not empty
    }
    boolean setA = MathText.isSet(a);
    boolean setB = MathText.isSet(b);
    Listing oneA = Listing.of(a);
    Listing oneB = Listing.of(b);
    Listing first = oneA.beside(oneB);
    Listing second = oneB.beside(oneA);
    if (setA || setB) {
      return unordered(
          setA ? Listing.elements(a) : first.values(),
          setB ? Listing.elements(b) : second.values());
    }
    if (first.items().size() == 1 && second.items().size() == 1) {
      return single(first.items().get(0), second.items().get(0));
    }
    if (first.name() != null && second.name() != null) {
      return first.name().equals(second.name()) && unordered(first.values(), second.values());
    }
    if (first.name() != null || second.name() != null) {
      return unordered(first.values(), second.values());
    }
    return kinds(first).equals(kinds(second)) && unordered(first.items(), second.items());
  }

  /**
   * The kinds of the parts: "x = 2, y = 3" differs from "2, 3", and "x > 1 or y > 2" from "x > 1
   * and y > 2". Between values, both words mean a list.
   */
  private static Set<String> kinds(Listing listing) {
    Set<String> kinds = new TreeSet<>();
    for (String item : listing.items()) {
      Relation relation = Relation.read(item);
      boolean inequality = relation != null && !relation.isEquation();
      kinds.add(relation == null ? "value" : inequality ? "inequality" : "equation");
      if (inequality && listing.alternatives()) {
        kinds.add("alternatives");
      }
    }
    return kinds;
  }

  /** A membership in a single set, such as {@code x \in \{1,2\}}. */
  private static boolean isMembership(String s) {
    Relation relation = Relation.read(s);
    return relation != null && relation.signs().equals("\u2208") && relation.name() != null;
  }

  private static boolean single(String a, String b) {
    Relation first = Relation.read(a);
    Relation second = Relation.read(b);
    if (first != null && second != null) {
      return first.same(second);
    }
    if (first != null || second != null) {
      String value = first != null ? first.value() : second.value();
      return value != null && normalisedSame(value, first != null ? b : a);
    }
    List<String> tupleA = tuple(a);
    List<String> tupleB = tuple(b);
    if (tupleA != null || tupleB != null) {
      return tupleA != null
          && tupleB != null
          && a.charAt(0) == b.charAt(0)
          && a.charAt(a.length() - 1) == b.charAt(b.length() - 1)
          && ordered(tupleA, tupleB);
    }
    return values(a, b);
  }

  /** The parts of a tuple or interval, or null; one value in brackets is not a tuple. */
  private static List<String> tuple(String s) {
    if ("([".indexOf(s.charAt(0)) < 0 || ")]".indexOf(s.charAt(s.length() - 1)) < 0) {
      return null;
    }
    List<String> parts = Listing.parts(s.substring(1, s.length() - 1)); // (1,000) is a number
    boolean whole = MathText.split(s, ",").size() == 1; // not (1,2),(3,4)
    return parts.size() > 1 && whole ? parts : null;
  }

  static boolean ordered(List<String> a, List<String> b) {
    if (a.size() != b.size() || a.size() > MAX_PARTS) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!normalisedSame(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean unordered(List<String> a, List<String> b) {
    if (a.size() != b.size() || a.size() > MAX_PARTS) {
      return false;
    }
    List<String> left = new ArrayList<>(b);
    for (String part : a) {
      boolean found = false;
      for (int i = 0; i < left.size() && !found; i++) {
        if (normalisedSame(part, left.get(i))) {
          left.remove(i);
          found = true;
        }
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private static boolean matrices(String a, String b) {
    Matcher first = MATRIX.matcher(a);
    Matcher second = MATRIX.matcher(b);
    if (!first.matches() || !second.matches()) {
      return false;
    }
    List<String> rowsA = rows(first.group(2));
    List<String> rowsB = rows(second.group(2));
    boolean sameKind = kind(first.group(1)).equals(kind(second.group(1)));
    if (!sameKind || rowsA.size() != rowsB.size() || rowsA.size() > MAX_PARTS) {
      return false;
    }
    for (int i = 0; i < rowsA.size(); i++) {
      if (!ordered(MathText.split(rowsA.get(i), "&"), MathText.split(rowsB.get(i), "&"))) {
        return false;
      }
    }
    return true;
  }

  /** Round and square brackets are equivalent; bars denote a determinant or a norm. */
  private static String kind(String letter) {
    return letter.equals("b") ? "p" : letter;
  }

  /** Splits rows at two backslashes; damaged files have one, which no letter follows. */
  private static List<String> rows(String body) {
    List<String> rows = new ArrayList<>();
    for (String row : body.split("\\\\\\\\|\\\\(?![a-zA-Z{}])", -1)) {
      if (!row.isEmpty()) {
        rows.add(row);
      }
    }
    return rows;
  }

  static boolean values(String a, String b) {
    if ((WORD.matcher(a).matches() && WORD.matcher(b).matches())
        || SHORT_WORDS.contains(a.toLowerCase(Locale.ROOT))
        || SHORT_WORDS.contains(b.toLowerCase(Locale.ROOT))) {
      return words(a).equals(words(b)); // not a product of its letters
    }
    try {
      return Parser.parse(a).same(Parser.parse(b));
    } catch (Unsupported | ArithmeticException e) {
      return words(a).equals(words(b));
    }
  }

  /**
   * Words and option letters without brackets and in lower case; anything else unchanged, because
   * 2^{a+1} is not 2^a+1.
   */
  private static String words(String s) {
    String letters = s.replaceAll("[(){}\\[\\]]", "").toLowerCase(Locale.ROOT);
    return letters.matches("[a-z]+") ? letters : s;
  }
}
