package dev.plumbline.alignment.generate;

import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of a solution with their steps. A step ends at the end of a token: two steps with a
 * common token become one.
 *
 * @param ids its tokens, including the end of text if there is one
 * @param ends the number of tokens up to and including the last token of each step
 * @param kinds the kind of each step
 */
public record SteppedSolution(int[] ids, int[] ends, List<Step.Kind> kinds) {
  /** Splits a solution into steps. */
  public static SteppedSolution of(int[] ids, Tokenizer tokenizer, Segmentation segmentation) {
    String text = tokenizer.decode(ids);
    List<Integer> ends = new ArrayList<>();
    List<Step.Kind> kinds = new ArrayList<>();
    int token = 0;
    for (Step step : segmentation.steps(text)) {
      int before = ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
      boolean last = step.to() == text.length();
      while (!last && token < ids.length && length(tokenizer, ids, token) < step.to()) {
        token++;
      }
      if (last) {
        token = ids.length;
      }
      if (token > before && (last || length(tokenizer, ids, token) == step.to())) {
        ends.add(token);
        kinds.add(step.kind());
      }
    }
    if (ends.isEmpty() || ends.get(ends.size() - 1) < ids.length) {
      ends.add(ids.length); // only blanks or the end of text
      kinds.add(Step.Kind.TEXT);
    }
    return new SteppedSolution(
        ids, ends.stream().mapToInt(Integer::intValue).toArray(), List.copyOf(kinds));
  }

  /** Number of characters of the first tokens. */
  private static int length(Tokenizer tokenizer, int[] ids, int tokens) {
    return tokenizer.decode(Arrays.copyOf(ids, tokens)).length();
  }

  /** Number of steps that the model wrote: text and code. */
  public int steps() {
    return (int) kinds.stream().filter(kind -> kind != Step.Kind.OUTPUT).count();
  }

  /**
   * Possible ends of a prefix, in tokens, in ascending order: after a step that leaves at least
   * {@code minRemaining} steps, and never between a block of code and its output.
   */
  public int[] cuts(int minRemaining) {
    List<Integer> cuts = new ArrayList<>();
    for (int i = 0; i < ends.length; i++) {
      long left =
          kinds.subList(i + 1, kinds.size()).stream().filter(k -> k != Step.Kind.OUTPUT).count();
      if (kinds.get(i) != Step.Kind.CODE && left >= minRemaining && left > 0) {
        cuts.add(ends[i]);
      }
    }
    return cuts.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Returns the tokens after a cut with their steps; outputs are scored only if {@code
   * scoreOutputs} is set.
   */
  public TokenText after(int cut, Tokenizer tokenizer, boolean scoreOutputs) {
    int[] rest = Arrays.copyOfRange(ids, cut, ids.length);
    boolean[] scored = new boolean[rest.length];
    Arrays.fill(scored, true);
    boolean masked = false;
    int start = 0;
    for (int i = 0; i < ends.length; i++) {
      if (kinds.get(i) == Step.Kind.OUTPUT && ends[i] > cut && !scoreOutputs) {
        int end = Math.min(ends[i], ids.length - 1); // the end of text is a token of the model
        Arrays.fill(scored, Math.max(0, start - cut), Math.max(0, end - cut), false);
        masked = true;
      }
      start = ends[i];
    }
    int[] steps = Arrays.stream(ends).filter(e -> e > cut).map(e -> e - cut).toArray();
    return new TokenText(tokenizer.decode(rest), rest, masked ? scored : null, steps);
  }

  /** Number of text and code steps that end within a cut. */
  public int stepsBefore(int cut) {
    int count = 0;
    for (int i = 0; i < ends.length; i++) {
      count += ends[i] <= cut && kinds.get(i) != Step.Kind.OUTPUT ? 1 : 0;
    }
    return count;
  }
}
