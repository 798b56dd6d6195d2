package dev.plumbline.data.select;

import dev.plumbline.data.problem.CalculatorCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Removes repeated candidates of one question and keeps the first of each kind (spec/aft.md, 2.3).
 *
 * <p>Apply it to positives and negatives separately, as AFT's default does.
 */
public final class Deduplicator {
  /** What makes two candidates the same. */
  public enum Mode {
    /** Equal text after trimming and collapsing blanks: AFT's default. */
    TEXT,
    /**
     * Equal list of calculator annotations: RFT's key. A text without annotations has the empty
     * key.
     */
    EQUATIONS
  }

  private Deduplicator() {}

  /** The key under which {@code text} counts as a repetition. */
  public static String key(Mode mode, String text) {
    return switch (mode) {
      case TEXT -> text.strip().replaceAll("\\s+", " ");
      case EQUATIONS -> String.join("|", CalculatorCheck.equations(text));
    };
  }

  /** The first of each kind, in order; the difference in size is the number of repetitions. */
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
