package dev.plumbline.alignment.python;

/**
 * The result of a block of code.
 *
 * @param output the output that the model reads: printed text, the value of a last expression and
 *     the last line of a traceback; {@link #EMPTY} if there is none
 * @param status how the block ended
 */
public record Execution(String output, Status status) {
  /** Represents an empty output (SCDPO's code, C). */
  public static final String EMPTY = "<empty_execution>";

  /** How a block ended. */
  public enum Status {
    /** Reached its end. */
    OK,
    /** Raised an exception. */
    ERROR,
    /** Stopped at the deadline. */
    TIMEOUT,
    /** Stopped because of its memory, or the interpreter died. */
    KILLED
  }
}
