package dev.plumbline.data.wordproblems;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Varies the wording of a solution, as people do: a sum or a product may have either order, and a
 * step after the first may begin with "So" or "Then". A question therefore has several correct
 * solutions, and a training set shows one; the question alone determines which one.
 */
final class Telling {
  private static final Set<String> NO_NAMES =
      Set.of("Now", "The", "What", "Half", "Each", "Together", "A", "After");
  private static final List<String> BEGINNINGS = List.of("", "So ", "Then ");

  private Telling() {}

  /** Varies lines of the form {@code says <<a+b=c>>c items.} */
  static List<String> vary(List<String> lines, String question) {
    Random random = new Random(question.hashCode()); // fixed by the documentation of both
    List<String> told = new ArrayList<>();
    for (String line : lines) {
      String swapped = random.nextBoolean() ? swap(line) : line;
      String beginning = told.isEmpty() ? "" : BEGINNINGS.get(random.nextInt(BEGINNINGS.size()));
      told.add(begin(beginning, swapped));
    }
    return told;
  }

  /**
   * Changes {@code a+b} to {@code b+a} and {@code a*b} to {@code b*a}; leaves differences and
   * quotients.
   */
  private static String swap(String line) {
    return line.replaceFirst("<<([0-9]+)([+*])([0-9]+)=", "<<$3$2$1=");
  }

  private static String begin(String beginning, String line) {
    String word = line.substring(0, line.indexOf(' '));
    if (beginning.equals("Then ") && word.equals("Now")) {
      return beginning + line.substring("Now ".length());
    }
    return beginning.isEmpty() || !NO_NAMES.contains(word)
        ? beginning + line
        : beginning + Character.toLowerCase(line.charAt(0)) + line.substring(1);
  }
}
