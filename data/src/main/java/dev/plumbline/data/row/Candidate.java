package dev.plumbline.data.row;

import java.util.Objects;

/**
 * One sampled response to a question with its grade.
 *
 * @param response the sampled chain of thought
 * @param correct whether its final answer is correct: AFT's binary feedback (arXiv 2309.02144)
 * @param reward higher is better; 1 for correct and 0 for incorrect unless a file says otherwise
 *     (ranking feedback)
 */
public record Candidate(TokenText response, boolean correct, double reward) {
  /** Checks the reward. */
  public Candidate {
    Objects.requireNonNull(response, "response");
    if (!Double.isFinite(reward)) {
      throw new IllegalArgumentException(
          "A reward must be a finite number, but is " + reward + ".");
    }
  }

  /** Creates a candidate with the default reward: 1 if correct, else 0. */
  public static Candidate of(TokenText response, boolean correct) {
    return new Candidate(response, correct, correct ? 1.0 : 0.0);
  }
}
