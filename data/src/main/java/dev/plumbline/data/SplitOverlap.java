package dev.plumbline.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds training problems that stand in a held-out list, too: the same question but for case,
 * punctuation and blanks, or one of whose runs of eight words at least four fifths stand in some
 * held-out question. Numbers count, so that a template with other numbers is another problem.
 */
public final class SplitOverlap {
  private static final int RUN = 8;
  private static final double NEAR = 0.8;

  private SplitOverlap() {}

  /**
   * What is left.
   *
   * @param kept problems without a twin, in order
   * @param same dropped as the same question
   * @param near dropped for its runs of words
   */
  public record Result(List<Problem> kept, int same, int near) {}

  /** Drops the training problems that overlap. */
  public static Result drop(List<Problem> train, List<Problem> heldOut) {
    Set<String> questions = new HashSet<>();
    Set<String> runs = new HashSet<>();
    for (Problem p : heldOut) {
      String question = normalised(p.question());
      questions.add(question);
      runs.addAll(runs(question));
    }
    List<Problem> kept = new ArrayList<>();
    int same = 0;
    int near = 0;
    for (Problem p : train) {
      String question = normalised(p.question());
      List<String> own = runs(question);
      long shared = own.stream().filter(runs::contains).count();
      if (questions.contains(question)) {
        same++;
      } else if (!own.isEmpty() && shared >= NEAR * own.size()) {
        near++;
      } else {
        kept.add(p);
      }
    }
    return new Result(kept, same, near);
  }

  private static String normalised(String question) {
    return question.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
  }

  private static List<String> runs(String question) {
    String[] words = question.split(" ");
    List<String> runs = new ArrayList<>();
    for (int i = 0; i + RUN <= words.length; i++) {
      runs.add(String.join(" ", List.of(words).subList(i, i + RUN)));
    }
    return runs;
  }
}
