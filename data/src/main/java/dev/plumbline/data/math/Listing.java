package dev.plumbline.data.math;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The parts of an answer that lists several values, separated by commas, "and" and "or", with both
 * values of each plus-or-minus. {@code x = 2, x = -2} and {@code x = 2 or -2} both give the values
 * 2 and -2 of x.
 *
 * @param items the parts as written
 * @param name the variable that all parts give a value to, or null
 * @param values the parts without that name
 * @param alternatives whether an "or" separates parts
 */
record Listing(List<String> items, String name, List<String> values, boolean alternatives) {
  private static final Pattern THOUSANDS = Pattern.compile("-?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?");
  private static final Pattern BEFORE_GROUP =
      Pattern.compile("(.*[^0-9.,])?[0-9]{1,3}(,[0-9]{3})*");
  private static final Pattern GROUP = Pattern.compile("0[0-9]{2}(\\.[0-9]+)?");
  private static final int MAX_SIGNS = 3;

  static Listing of(String s) {
    return of(s, THOUSANDS.matcher(s).matches());
  }

  /** The listing whose length matches the other answer: 45,135 may be one number or two. */
  Listing beside(Listing other) {
    boolean two = items.size() == 1 && other.items.size() > 1;
    return two && THOUSANDS.matcher(items.get(0)).matches() ? of(items.get(0), false) : this;
  }

  private static Listing of(String s, boolean number) {
    List<String> items = new ArrayList<>();
    List<String> either = MathText.split(s, "\u2228");
    for (String one : either) {
      for (String both : MathText.split(one, "\u2227")) {
        for (String item : number ? List.of(both) : parts(both)) {
          items.addAll(MathText.isSet(item) ? List.of(item) : signed(item));
        }
      }
    }
    List<String> values = new ArrayList<>();
    String name = null;
    for (String item : items) {
      Relation relation = Relation.read(item);
      String own = relation == null || !relation.isEquation() ? null : relation.name();
      boolean first = values.isEmpty();
      boolean fits =
          relation == null ? !first && name != null : own != null && relation.signs().length() == 1;
      if (!fits || (!first && own != null && !own.equals(name))) {
        return new Listing(items, null, items, either.size() > 1);
      }
      name = first ? own : name;
      values.add(relation == null ? item : relation.value());
    }
    return new Listing(items, name, values, either.size() > 1);
  }

  /**
   * Splits at commas; a group of three digits that begins with 0 belongs to the number before it.
   */
  static List<String> parts(String s) {
    List<String> parts = new ArrayList<>();
    for (String part : MathText.split(s, ",")) {
      int last = parts.size() - 1;
      if (last >= 0
          && GROUP.matcher(part).matches()
          && BEFORE_GROUP.matcher(parts.get(last)).matches()) {
        parts.set(last, parts.get(last) + "," + part);
      } else {
        parts.add(part);
      }
    }
    return parts;
  }

  /** The elements of a set in braces, without repetitions. */
  static List<String> elements(String set) {
    List<String> elements = new ArrayList<>();
    for (String item : parts(set.substring(2, set.length() - 2))) {
      for (String value : signed(item)) {
        if (elements.stream().noneMatch(one -> MathEquality.normalisedSame(one, value))) {
          elements.add(value);
        }
      }
    }
    return elements;
  }

  /** Both values of each plus-or-minus; a minus-or-plus has the opposite signs. */
  private static List<String> signed(String item) {
    if (item.indexOf('\u00b1') < 0 && item.indexOf('\u2213') >= 0) {
      return signed(item.replace('\u2213', '\u00b1'));
    }
    long signs = item.chars().filter(c -> c == '\u00b1').count();
    if (signs == 0 || signs > MAX_SIGNS) {
      return List.of(item);
    }
    if (item.indexOf('\u2213') >= 0) {
      return List.of(
          item.replace('\u00b1', '+').replace('\u2213', '-'),
          item.replace('\u00b1', '-').replace('\u2213', '+'));
    }
    int at = item.indexOf('\u00b1');
    List<String> all = new ArrayList<>();
    for (String sign : List.of("+", "-")) {
      all.addAll(signed(item.substring(0, at) + sign + item.substring(at + 1)));
    }
    return all;
  }
}
