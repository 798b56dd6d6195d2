package dev.plumbline.data.problem;

import java.util.List;

/**
 * The prompt template of problems. The AFT paper does not give its template readably; this one is
 * inferred (I).
 */
public final class Prompts {
  private Prompts() {}

  /**
   * Returns {@code Question: q}, a newline and {@code Answer:}; the response begins after the
   * colon.
   */
  public static String question(String question) {
    return question(question, List.of());
  }

  /** The same with a line {@code A) text} per option. */
  public static String question(String question, List<String> options) {
    StringBuilder prompt = new StringBuilder("Question: ").append(question);
    for (int i = 0; i < options.size(); i++) {
      prompt.append('\n').append((char) ('A' + i)).append(") ").append(options.get(i));
    }
    return prompt.append("\nAnswer:").toString();
  }

  /**
   * Returns the training response after {@link #question}: a blank and the solution. The blank
   * belongs to the response, so that the prompt ends where generation starts and a tokenizer that
   * joins blanks to words produces the same tokens in both.
   */
  public static String response(String solution) {
    return " " + solution;
  }
}
