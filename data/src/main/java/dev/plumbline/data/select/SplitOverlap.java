package dev.plumbline.data.select;

import dev.plumbline.data.problem.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds training problems that also occur in a held-out list: the same question except for case,
 * punctuation and blanks, or a question that shares more than four fifths of its runs of eight
 * words with one held-out question. Numbers and the signs between them count as words, so that a
 * short template with other numbers is a different problem, as is 3-4 in place of 3+4.
 */
public final class SplitOverlap {
  /** A hyphen, dash or slash beside a word, and everything except letters, digits and signs. */
  private static final Pattern PUNCTUATION =
      Pattern.compile("(?<=\\p{L}{2})\\s*[-/]|[-/](?=\\s*\\p{L}{2})|[^\\p{L}\\p{N}+*/^=<>-]+");

  private static final Pattern SIGN = Pattern.compile("[+*/^=<>-]");
  private static final int RUN = 8;
  private static final double NEAR = 0.8;

  private SplitOverlap() {}

  /**
   * The remaining problems and the counts of those dropped.
   *
   * @param kept problems without overlap, in order
   * @param same dropped as the same question
   * @param near dropped because of common runs of words
   */
  public record Result(List<Problem> kept, int same, int near) {}

  /** Drops the training problems that overlap. */
  public static Result drop(List<Problem> train, List<Problem> heldOut) {
    Set<String> questions = new HashSet<>();
    Map<String, Set<Integer>> places = new HashMap<>(); // the held-out problems that contain a run
    for (int i = 0; i < heldOut.size(); i++) {
      String question = normalised(heldOut.get(i).question());
      questions.add(question);
      for (String run : runs(question)) {
        places.computeIfAbsent(run, r -> new HashSet<>()).add(i);
      }
    }
    List<Problem> kept = new ArrayList<>();
    int same = 0;
    int near = 0;
    for (Problem p : train) {
      String question = normalised(p.question());
      List<String> own = runs(question);
      if (questions.contains(question)) {
        same++;
      } else if (mostShared(own, places) > NEAR * own.size()) {
        near++;
      } else {
        kept.add(p);
      }
    }
    return new Result(kept, same, near);
  }

  /** The maximum number of these runs that one held-out problem contains. */
  private static int mostShared(List<String> runs, Map<String, Set<Integer>> places) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (String run : runs) {
      places.getOrDefault(run, Set.of()).forEach(i -> counts.merge(i, 1, Integer::sum));
    }
    return counts.values().stream().mapToInt(n -> n).max().orElse(0);
  }

  private static String normalised(String question) {
    String words = PUNCTUATION.matcher(question.toLowerCase(Locale.ROOT)).replaceAll(" ");
    return SIGN.matcher(words).replaceAll(" $0 ").replaceAll("\\s+", " ").strip();
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
