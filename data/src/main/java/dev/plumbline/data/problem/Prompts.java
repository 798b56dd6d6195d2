package dev.plumbline.data.problem;

import java.util.List;

/**
 * The one place of the prompt template (spec/aft.md, 6.3: the default; the AFT paper's own is not
 * readable).
 */
public final class Prompts {
  private Prompts() {}

  /** {@code Question: q}, a newline, {@code Answer:}; the response begins after the colon. */
  public static String question(String question) {
    return question(question, List.of());
  }

  /** The same with a line {@code A) text} for every option. */
  public static String question(String question, List<String> options) {
    StringBuilder prompt = new StringBuilder("Question: ").append(question);
    for (int i = 0; i < options.size(); i++) {
      prompt.append('\n').append((char) ('A' + i)).append(") ").append(options.get(i));
    }
    return prompt.append("\nAnswer:").toString();
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
