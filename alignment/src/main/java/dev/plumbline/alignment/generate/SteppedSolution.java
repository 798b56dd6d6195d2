package dev.plumbline.alignment.generate;

import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A solution's tokens with the steps that they make up. A step ends where a token ends: if a token
 * spans the border of two, they are one.
 *
 * @param ids its tokens, the end of the text included when it has one
 * @param ends the number of tokens up to and with each step's last
 * @param kinds what each step is
 */
public record SteppedSolution(int[] ids, int[] ends, List<Step.Kind> kinds) {
  /** Cuts a solution into steps. */
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
      ends.add(ids.length); // blanks, or the end of the text alone
      kinds.add(Step.Kind.TEXT);
    }
    return new SteppedSolution(
        ids, ends.stream().mapToInt(Integer::intValue).toArray(), List.copyOf(kinds));
  }

  /** Characters of the first tokens. */
  private static int length(Tokenizer tokenizer, int[] ids, int tokens) {
    return tokenizer.decode(Arrays.copyOf(ids, tokens)).length();
  }

  /** Number of steps that the model wrote: words and code. */
  public int steps() {
    return (int) kinds.stream().filter(kind -> kind != Step.Kind.OUTPUT).count();
  }

  /**
   * Where a prefix may end: after a step that leaves at least that many steps, and never between a
   * block of code and what it printed. In tokens, in ascending order.
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

  /** What follows a cut: the tokens with their steps, outputs not scored unless asked for. */
  public TokenText after(int cut, Tokenizer tokenizer, boolean scoreOutputs) {
    int[] rest = Arrays.copyOfRange(ids, cut, ids.length);
    boolean[] scored = new boolean[rest.length];
    Arrays.fill(scored, true);
    boolean masked = false;
    int start = 0;
    for (int i = 0; i < ends.length; i++) {
      if (kinds.get(i) == Step.Kind.OUTPUT && ends[i] > cut && !scoreOutputs) {
        int end = Math.min(ends[i], ids.length - 1); // the end of the text is the model's own
        Arrays.fill(scored, Math.max(0, start - cut), Math.max(0, end - cut), false);
        masked = true;
      }
      start = ends[i];
    }
    int[] steps = Arrays.stream(ends).filter(e -> e > cut).map(e -> e - cut).toArray();
    return new TokenText(tokenizer.decode(rest), rest, masked ? scored : null, steps);
  }

  /** Steps that end within a cut, those of words and code. */
  public int stepsBefore(int cut) {
    int count = 0;
    for (int i = 0; i < ends.length; i++) {
      count += ends[i] <= cut && kinds.get(i) != Step.Kind.OUTPUT ? 1 : 0;
    }
    return count;
  }
}
