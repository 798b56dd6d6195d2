package dev.plumbline.data;

/**
 * A mistake in the user's input: a malformed row, a missing file, an impossible option.
 *
 * <p>The message is a full sentence that names the offending value and says what to do; the command
 * line prints it without a stack trace and exits with code 2.
 */
public final class UserError extends RuntimeException {
  /** Creates an error with a full sentence. */
  public UserError(String message) {
    super(message);
  }

  /** Creates an error with a full sentence and its cause. */
  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
