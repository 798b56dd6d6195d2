package dev.plumbline.alignment.python;

/**
 * What a block of code did.
 *
 * @param output what it printed, the value of a last expression and the last line of a traceback,
 *     as the model reads it; {@link #EMPTY} where there is none of them
 * @param status how it ended
 */
public record Execution(String output, Status status) {
  /** Stands for no output (the released code's mark). */
  public static final String EMPTY = "<empty_execution>";

  /** How a block ended. */
  public enum Status {
    /** To its end. */
    OK,
    /** With an exception of its own. */
    ERROR,
    /** Stopped at the deadline. */
    TIMEOUT,
    /** Stopped for its memory, or its interpreter died. */
    KILLED
  }
}
