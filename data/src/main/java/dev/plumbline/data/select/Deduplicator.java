package dev.plumbline.data.select;

import dev.plumbline.data.problem.CalculatorCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Removes repeated candidates of one question and keeps the first of each kind (RFT's code, C).
 *
 * <p>AFT applies it to correct and wrong candidates separately.
 */
public final class Deduplicator {
  /** When two candidates count as equal. */
  public enum Mode {
    /** Equal text after trimming and collapsing blanks: the default for AFT (I). */
    TEXT,
    /**
     * Equal lists of calculator annotations: RFT's key. A text without annotations has the empty
     * key.
     */
    EQUATIONS
  }

  private Deduplicator() {}

  /** Returns the key of a text; texts with equal keys count as repetitions. */
  public static String key(Mode mode, String text) {
    return switch (mode) {
      case TEXT -> text.strip().replaceAll("\\s+", " ");
      case EQUATIONS -> String.join("|", CalculatorCheck.equations(text));
    };
  }

  /**
   * Returns the first item of each key, in order; the difference in size is the number of
   * repetitions.
   */
  public static <T> List<T> distinct(List<T> items, Function<? super T, String> text, Mode mode) {
    Set<String> seen = new HashSet<>();
    List<T> kept = new ArrayList<>();
    for (T item : items) {
      if (seen.add(key(mode, text.apply(item)))) {
        kept.add(item);
      }
    }
    return kept;
  }
}
