package dev.plumbline.tensor.safetensors;

/** A safetensors file that is malformed or of another kind than asked for; the message names file and tensor. */
public final class SafetensorsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A complete sentence for the user. */
  public SafetensorsException(String message) {
    super(message);
  }
}
