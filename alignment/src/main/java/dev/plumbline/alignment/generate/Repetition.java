package dev.plumbline.alignment.generate;

import dev.plumbline.transformer.generate.Sample;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Degenerate text: the AFT paper's case study finds that models pushed down without a constraint
 * repeat meaningless tokens.
 */
public final class Repetition {
  private static final int GRAM = 4;
  private static final int MOST = 4;
  private static final Pattern FENCE = Pattern.compile("```");

  private Repetition() {}

  /** Whether an answer repeats itself or ran into the token limit. */
  public static boolean degenerate(Sample sample, String text) {
    return sample.reason() == Sample.FinishReason.LENGTH || in(sample.ids(), text);
  }

  /**
   * Whether some four tokens in a row occur more than four times; the fences of code blocks, which
   * every block has, are allowed once more each.
   */
  public static boolean in(int[] ids, String text) {
    int most = MOST + (int) FENCE.matcher(text).results().count();
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
