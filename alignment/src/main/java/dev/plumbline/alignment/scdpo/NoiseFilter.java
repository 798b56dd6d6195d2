package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.generate.Repetition;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.transformer.generate.Sample;
import java.util.List;

/**
 * Why a drawn solution is no text to learn from. The bounds on steps and their length and the mark
 * of an invented output are those of the released scripts; the others are ours.
 */
public enum NoiseFilter {
  /** Ran into the token limit before its end. */
  UNFINISHED,
  /** The same four tokens more than four times. */
  REPEATS,
  /** Characters that no tokenizer gives a whole one for. */
  BROKEN_CHARACTERS,
  /** More than 24 steps. */
  TOO_MANY_STEPS,
  /** A step of more than 3,000 characters. */
  TOO_LONG_A_STEP,
  /** Writes an output itself, outside of a block. */
  INVENTED_OUTPUT;

  private static final int MOST_STEPS = 24;
  private static final int LONGEST_STEP = 3000;

  /** The first reason that holds, or null for a clean solution. */
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
