package dev.plumbline.alignment.generate;

import dev.plumbline.transformer.generate.Sample;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Detects degenerate text: in the AFT paper's case study, models trained on wrong candidates
 * without a constraint repeat meaningless tokens.
 */
public final class Repetition {
  private static final int GRAM = 4;
  private static final int MAX_REPEATS = 4;
  private static final Pattern FENCE = Pattern.compile("```");

  private Repetition() {}

  /** Whether a response repeats itself or reached the token limit. */
  public static boolean degenerate(Sample sample, String text) {
    return sample.reason() == Sample.FinishReason.LENGTH || in(sample.ids(), text);
  }

  /**
   * Whether any four consecutive tokens occur more than four times; the fences of each code block
   * are allowed in addition.
   */
  public static boolean in(int[] ids, String text) {
    int most = MAX_REPEATS + (int) FENCE.matcher(text).results().count();
    Map<List<Integer>, Integer> counts = new HashMap<>();
    for (int t = 0; t + GRAM <= ids.length; t++) {
      List<Integer> gram =
          Arrays.stream(ids, t, t + GRAM).boxed().collect(Collectors.toUnmodifiableList());
      if (counts.merge(gram, 1, Integer::sum) > most) {
        return true;
      }
    }
    return false;
  }
}
