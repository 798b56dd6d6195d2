package dev.plumbline.data.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether two answers mean the same: numbers and expressions exactly, tuples and intervals bracket
 * by bracket and part by part, sets and lists in any order, matrices entry by entry, equations up
 * to their sides' order and sign, anything else as text.
 *
 * <p>Expressions are compared as quotients of polynomials in canonical form, so no point of
 * evaluation can mislead. Radicals of sums, roots above the second, functions and unknown powers
 * are symbols: two answers that only an identity between such symbols makes equal count as
 * different, as do chains of inequalities in another spelling and decimals that only approximate
 * the answer.
 *
 * <p>Units are dropped unread, as only some of MATH's answers have them: 12 cm is 12 m. 50 % is 50.
 */
public final class MathEquality {
  private static final int MAX_CHARACTERS = 500; // the longest of MATH's 5,000 has 78
  private static final int MAX_PARTS = 60;
  private static final Pattern THOUSANDS = Pattern.compile("-?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?");
  private static final Pattern VARIABLE =
      Pattern.compile("\\\\?[a-zA-Z]+(_\\{?[a-zA-Z0-9]+\\}?)?(\\([a-zA-Z]\\))?");
  private static final Pattern WORD = Pattern.compile("[(]?[a-zA-Z]{4,}[)]?");
  private static final Pattern MATRIX =
      Pattern.compile("\\\\begin\\{([pbvV]?)matrix\\}(.*)\\\\end\\{\\1matrix\\}");

  private MathEquality() {}

  /** The answer that a solution boxes, or null. */
  public static String boxed(String solution) {
    return MathText.boxed(solution);
  }

  /** Compares two answers without their box. */
  public static boolean same(String a, String b) {
    if (a.length() > MAX_CHARACTERS || b.length() > MAX_CHARACTERS) {
      return a.equals(b);
    }
    String first = withoutPrefix(MathText.normalise(a), b);
    String second = withoutPrefix(MathText.normalise(b), a);
    return MathText.isWords(a) || MathText.isWords(b)
        ? words(first).equals(words(second)) // "no" is not a product of its letters
        : normalisedSame(first, second);
  }

  /** {@code x=} and {@code x\in} go where the other answer has none. */
  private static String withoutPrefix(String s, String other) {
    for (String separator : List.of("\\in", "=")) {
      List<String> sides = MathText.split(s, separator);
      if (sides.size() == 2
          && VARIABLE.matcher(sides.get(0)).matches()
          && !MathText.normalise(other).contains(separator)) {
        return sides.get(1);
      }
    }
    return s;
  }

  private static boolean normalisedSame(String a, String b) {
    if (a.equals(b)) {
      return true;
    }
    if (a.isEmpty() || b.isEmpty()) {
      return false;
    }
    if (MATRIX.matcher(a).matches() || MATRIX.matcher(b).matches()) {
      return matrices(a, b);
    }
    for (String separator : List.of("\\cup", "\\or")) {
      if (MathText.split(a, separator).size() > 1 || MathText.split(b, separator).size() > 1) {
        return unordered(MathText.split(a, separator), MathText.split(b, separator));
      }
    }
    if (a.contains("=") || b.contains("=")) {
      List<String> sidesA = MathText.split(a, "=");
      List<String> sidesB = MathText.split(b, "=");
      boolean several = sidesA.size() > 2 && sidesB.size() > 2; // x=1,y=2
      return several && MathText.split(a, ",").size() > 1
          ? unordered(MathText.split(a, ","), MathText.split(b, ","))
          : equations(sidesA, sidesB);
    }
    return parts(a, b);
  }

  private static boolean parts(String a, String b) {
    boolean setA = a.length() >= 4 && a.startsWith("\\{") && a.endsWith("\\}");
    boolean setB = b.length() >= 4 && b.startsWith("\\{") && b.endsWith("\\}");
    if (setA || setB) {
      return unordered(elements(a, setA), elements(b, setB));
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
    List<String> listA = list(a);
    List<String> listB = list(b);
    if (listA.size() > 1 || listB.size() > 1) {
      return unordered(listA, listB);
    }
    return values(a, b);
  }

  /** A set's elements, where no comma separates thousands, or those of a list without braces. */
  private static List<String> elements(String s, boolean set) {
    return set ? signed(MathText.split(s.substring(2, s.length() - 2), ",")) : list(s);
  }

  /** Parts at commas; digits in groups of three are one number. */
  private static List<String> list(String s) {
    return signed(THOUSANDS.matcher(s).matches() ? List.of(s) : MathText.split(s, ","));
  }

  /** Both values of each plus-or-minus. */
  private static List<String> signed(List<String> all) {
    List<String> parts = new ArrayList<>();
    for (String part : all) {
      List<String> signs = MathText.split(part, "\\pm");
      if (signs.size() == 2) {
        parts.add(signs.get(0) + "+" + signs.get(1));
        parts.add(signs.get(0) + "-" + signs.get(1));
      } else {
        parts.add(part);
      }
    }
    return parts;
  }

  /** The parts of a tuple or interval, or null; one bracketed value is none. */
  private static List<String> tuple(String s) {
    if ("([".indexOf(s.charAt(0)) < 0 || ")]".indexOf(s.charAt(s.length() - 1)) < 0) {
      return null;
    }
    List<String> parts = MathText.split(s.substring(1, s.length() - 1), ",");
    boolean whole = MathText.split(s, ",").size() == 1; // not (1,2),(3,4)
    return parts.size() > 1 && whole ? parts : null;
  }

  private static boolean ordered(List<String> a, List<String> b) {
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

  /** Round and square brackets mean the same; bars make a determinant or a norm. */
  private static String kind(String letter) {
    return letter.equals("b") ? "p" : letter;
  }

  /** Rows end in two backslashes; files that lost one have a single one before no letter. */
  private static List<String> rows(String body) {
    List<String> rows = new ArrayList<>();
    for (String row : body.split("\\\\\\\\|\\\\(?![a-zA-Z{}])", -1)) {
      if (!row.isEmpty()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static boolean equations(List<String> a, List<String> b) {
    if (a.size() != 2 || b.size() != 2) {
      return false;
    }
    if (ordered(a, b) || ordered(List.of(a.get(1), a.get(0)), b)) {
      return true;
    }
    try {
      Value first = Parser.parse(a.get(0)).plus(Parser.parse(a.get(1)).negated());
      Value second = Parser.parse(b.get(0)).plus(Parser.parse(b.get(1)).negated());
      // The same line or curve: one side's polynomial is a rational multiple of the other's.
      return !second.above().isZero() && first.over(second).rationalMultiple();
    } catch (Unsupported | ArithmeticException e) {
      return false;
    }
  }

  private static boolean values(String a, String b) {
    if (WORD.matcher(a).matches() && WORD.matcher(b).matches()) {
      return words(a).equals(words(b)); // not a product of its letters
    }
    try {
      return Parser.parse(a).same(Parser.parse(b));
    } catch (Unsupported | ArithmeticException e) {
      return words(a).equals(words(b));
    }
  }

  /**
   * Words and option letters without brackets and case; anything else as it is, because 2^{a+1} is
   * not 2^a+1.
   */
  private static String words(String s) {
    String letters = s.replaceAll("[(){}\\[\\]]", "").toLowerCase(Locale.ROOT);
    return letters.matches("[a-z]+") ? letters : s;
  }
}
