package dev.plumbline.tensor.safetensors;

/**
 * Thrown when a checkpoint cannot be read or written. The message is a complete sentence for the
 * user: the file, the tensor where there is one, the offending value and what to do.
 */
public final class SafetensorsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The problem in words. */
  public SafetensorsException(String message) {
    super(message);
  }

  /** The problem in words, and what the operating system or the JSON parser said. */
  public SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }
}
