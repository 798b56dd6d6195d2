package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.data.steps.FirstError;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What critical tokens are, and where they lie: numbers, operators, words; before or after the
 * error.
 */
final class TokenKinds {
  private static final String NUMBER = "is a number or a part of one";
  private static final String OPERATOR = "is an operator";
  private static final String WORD = "is a word or a part of one";
  private static final String OTHER = "is something else";

  private TokenKinds() {}

  /**
   * Counts kinds and places.
   *
   * @param stepsKnown whether references show which step is wrong, as those of generated problems
   *     do
   */
  static Grid grid(Rollouts m, boolean stepsKnown) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String kind : List.of(NUMBER, OPERATOR, WORD, OTHER)) {
      counts.put(kind, 0);
    }
    int[] sides = new int[Side.values().length];
    int[] critical = m.critical();
    for (int i = 0; i < critical.length; i++) {
      int place = m.replacement().places()[i];
      counts.merge(kind(m.texts().get(place).get(critical[i])), 1, Integer::sum);
      Side side = stepsKnown ? side(m, place, critical[i]) : Side.UNKNOWN;
      sides[side.ordinal()]++;
    }
    List<List<String>> rows = new ArrayList<>();
    counts.forEach((kind, n) -> rows.add(List.of(kind, share(n, critical.length))));
    for (Side side : Side.values()) {
      rows.add(List.of(side.words, share(sides[side.ordinal()], critical.length)));
    }
    return new Grid(
        "What critical tokens are",
        "The first wrong step is the first line whose calculation the reference does not have. The paper says that critical "
            + "tokens often are not what a person would mark as the error.",
        List.of("The critical token", "Solutions"),
        rows);
  }

  private static String share(int n, int of) {
    return of == 0
        ? "none was found"
        : String.format(Locale.ROOT, "%d of %d (%.0f %%)", n, of, 100.0 * n / of);
  }

  private static String kind(String token) {
    String text = token.strip();
    return text.matches("[0-9.,]+")
        ? NUMBER
        : text.matches("[-+*/=<>]+") ? OPERATOR : text.matches("\\p{L}+") ? WORD : OTHER;
  }

  /** Where a token lies. */
  private enum Side {
    BEFORE("is before the first wrong step"),
    INSIDE("is in the first wrong step"),
    AFTER("is after it"),
    UNKNOWN("the first wrong step is not known");

    private final String words;

    Side(String words) {
      this.words = words;
    }
  }

  private static Side side(Rollouts m, int trajectory, int token) {
    List<String> tokens = m.texts().get(trajectory);
    int from = String.join("", tokens.subList(0, token)).length();
    String text = String.join("", tokens);
    List<Step> steps = Segmentation.LINE.steps(text);
    String solution = m.wrong().get(trajectory).problem().solution();
    OptionalInt error = FirstError.step(solution, text, steps);
    if (error.isEmpty()) {
      return Side.UNKNOWN;
    }
    Step step = steps.get(error.getAsInt());
    return from < step.from() ? Side.BEFORE : from < step.to() ? Side.INSIDE : Side.AFTER;
  }
}
