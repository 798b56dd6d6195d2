package dev.plumbline.alignment.report.chart;

import java.util.List;

/**
 * One question with its answers.
 *
 * @param question its text
 * @param gold reference solution
 * @param answers greedy answers
 * @param models names of the models whose scores the candidates carry
 * @param candidates the candidates of the question; may be empty
 */
public record Case(
    String question,
    String gold,
    List<Answer> answers,
    List<String> models,
    List<Scored> candidates)
    implements Figure {
  /** Refuses candidates that do not have one score per model. */
  public Case {
    for (Scored candidate : candidates) {
      if (candidate.scores().size() != models.size()) {
        throw new IllegalArgumentException(
            "A candidate has "
                + candidate.scores().size()
                + " scores for "
                + models.size()
                + " models; give NaN where there is none.");
      }
    }
  }

  /** A model's greedy answer. */
  public record Answer(String model, String text, boolean correct) {}

  /** A candidate and its score s under each of the case's models. */
  public record Scored(String text, boolean correct, List<Double> scores) {}
}
