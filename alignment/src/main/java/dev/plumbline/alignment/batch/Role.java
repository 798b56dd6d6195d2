package dev.plumbline.alignment.batch;

/** What a response is to its question. */
public enum Role {
  /** The human solution. */
  REFERENCE,
  /** A sampled solution whose answer is right (GP in the AFT paper). */
  POSITIVE,
  /** A sampled solution whose answer is wrong (GN in the AFT paper). */
  NEGATIVE,
  /** The better one of a pair. */
  CHOSEN,
  /** The worse one of a pair. */
  REJECTED,
  /** A response to another prompt (KTO). */
  MISMATCHED;

  /** Whether a response of this role is right, or the better one. */
  public boolean isRight() {
    return this == POSITIVE || this == CHOSEN;
  }
}
