package dev.plumbline.data;

/**
 * The one place of the prompt template (spec/aft.md, 6.3: the default; the AFT paper's own is not
 * readable).
 */
public final class Prompts {
  private Prompts() {}

  /** {@code Question: q}, a newline, {@code Answer:}; the response begins after the colon. */
  public static String question(String question) {
    return "Question: " + question + "\nAnswer:";
  }

  /**
   * What follows {@link #question} in training: a blank and the solution. The blank belongs to the
   * response, so that the prompt ends where generation starts and a tokenizer that joins blanks to
   * words sees the same tokens in both.
   */
  public static String response(String solution) {
    return " " + solution;
  }
}
