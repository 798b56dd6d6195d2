package dev.plumbline.alignment.batch;

/** The role of a response for its question. */
public enum Role {
  /** The human solution. */
  REFERENCE,
  /** A sampled solution with a correct answer (G_P in the AFT paper). */
  POSITIVE,
  /** A sampled solution with a wrong answer (G_N in the AFT paper). */
  NEGATIVE,
  /** The preferred response of a pair. */
  CHOSEN,
  /** The other response of a pair. */
  REJECTED,
  /** A response to another prompt (KTO). */
  MISMATCHED;

  /** Whether a response with this role is correct or chosen. */
  public boolean isRight() {
    return this == POSITIVE || this == CHOSEN;
  }
}
