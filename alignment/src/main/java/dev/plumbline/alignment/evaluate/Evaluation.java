package dev.plumbline.alignment.evaluate;

import java.util.Arrays;
import java.util.List;

/**
 * All measurements of one model for a study, by question.
 *
 * @param answers greedy responses to the held-out questions
 * @param sampled by held-out question, share of correct responses sampled at temperature 1; empty
 *     where none were drawn
 * @param perplexity exp of the mean negative log-probability of the held-out reference tokens
 * @param learned assessment of candidates of training questions
 * @param heldOut assessment of candidates of held-out questions
 */
public record Evaluation(
    List<Answer> answers,
    double[] sampled,
    double perplexity,
    Assessment learned,
    Assessment heldOut) {

  /** Files of runs that drew no samples have no such list. */
  public Evaluation {
    sampled = sampled == null ? new double[0] : sampled;
  }

  /** An evaluation without samples. */
  public Evaluation(
      List<Answer> answers, double perplexity, Assessment learned, Assessment heldOut) {
    this(answers, new double[0], perplexity, learned, heldOut);
  }

  /**
   * A greedy response.
   *
   * @param text as decoded
   * @param correct whether the grader accepts it
   * @param degenerate whether it repeats itself or reached the token limit
   */
  public record Answer(String text, boolean correct, boolean degenerate) {}

  /** 1 for each solved question, else 0. */
  public double[] solved() {
    return answers.stream().mapToDouble(a -> a.correct() ? 1 : 0).toArray();
  }

  /** Share of solved questions. */
  public double accuracy() {
    return Arrays.stream(solved()).average().orElse(Double.NaN);
  }

  /** Share of correct samples; NaN without any. */
  public double sampledAccuracy() {
    return Arrays.stream(sampled).average().orElse(Double.NaN);
  }

  /** Share of degenerate responses. */
  public double repetitionRate() {
    return answers.stream().mapToDouble(a -> a.degenerate() ? 1 : 0).average().orElse(Double.NaN);
  }
}
