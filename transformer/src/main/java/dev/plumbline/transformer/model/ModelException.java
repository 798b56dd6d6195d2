package dev.plumbline.transformer.model;

/**
 * A model directory, tokenizer or request that Plumbline cannot work with; the message says why,
 * for the user.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A complete sentence with the offending value and what to do. */
  public ModelException(String message) {
    super(message);
  }
}
