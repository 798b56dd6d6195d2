package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.generate.Repetition;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.transformer.generate.Sample;
import java.util.List;

/**
 * Reasons to leave out a sampled solution. The limits on steps and their length and the test for
 * invented outputs are those of the released scripts (C); the others are inferred (I).
 */
public enum NoiseFilter {
  /** Reached the token limit before its end. */
  UNFINISHED,
  /** The same four tokens more than four times. */
  REPEATS,
  /** Contains replacement characters for incomplete UTF-8. */
  BROKEN_CHARACTERS,
  /** More than 24 steps. */
  TOO_MANY_STEPS,
  /** A step of more than 3,000 characters. */
  TOO_LONG_A_STEP,
  /** Contains an invented output outside a block. */
  INVENTED_OUTPUT;

  private static final int MOST_STEPS = 24;
  private static final int LONGEST_STEP = 3000;

  /** Returns the first reason that applies, or null. */
  public static NoiseFilter reason(String solution, Sample sample, Segmentation segmentation) {
    List<Step> steps = segmentation.steps(solution);
    if (sample.reason() == Sample.FinishReason.LENGTH) {
      return UNFINISHED;
    }
    if (Repetition.in(sample.ids(), solution)) {
      return REPEATS;
    }
    if (solution.indexOf('\uFFFD') >= 0) {
      return BROKEN_CHARACTERS;
    }
    if (steps.size() > MOST_STEPS) {
      return TOO_MANY_STEPS;
    }
    if (steps.stream().anyMatch(step -> step.to() - step.from() > LONGEST_STEP)) {
      return TOO_LONG_A_STEP;
    }
    boolean invented =
        steps.stream()
            .filter(step -> step.kind() == Step.Kind.TEXT)
            .anyMatch(step -> step.of(solution).contains("```"));
    return invented ? INVENTED_OUTPUT : null;
  }
}
