package dev.plumbline.transformer.model;

/**
 * Thrown when Plumbline cannot use a model directory, a tokenizer or a request. The message tells
 * the user why.
 */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A complete sentence with the offending value and what to do. */
  public ModelException(String message) {
    super(message);
  }
}
