package dev.plumbline.alignment.batch;

/** The kind of feedback about the candidates of a question. */
public enum Feedback {
  /** Whether the final answer is correct (AFT paper, sections 4.1 to 4.3). */
  BINARY,
  /** A reward per candidate; equal rewards make no pair (AFT paper, ranking feedback). */
  RANKING;

  /**
   * The quality of a candidate; only the order of qualities matters, and for PRO their differences.
   */
  public double quality(Response response) {
    if (this == RANKING) {
      return response.reward();
    }
    return response.role().isRight() ? 1 : 0;
  }
}
