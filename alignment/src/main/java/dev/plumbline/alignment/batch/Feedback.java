package dev.plumbline.alignment.batch;

/** What is known about the candidates of a question. */
public enum Feedback {
  /** Whether the final answer is right (AFT paper, section 4.1 to 4.3). */
  BINARY,
  /** A reward for every candidate; equal rewards say nothing (AFT paper, ranking feedback). */
  RANKING;

  /** The quality of a candidate: only its order counts, and for PRO its differences. */
  public double quality(Response response) {
    if (this == RANKING) {
      return response.reward();
    }
    return response.role().isRight() ? 1 : 0;
  }
}
