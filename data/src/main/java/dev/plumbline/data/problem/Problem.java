package dev.plumbline.data.problem;

import java.util.List;
import java.util.Objects;

/**
 * A problem with its gold solution.
 *
 * @param id unique within its file
 * @param task how it is asked and graded
 * @param question the problem without any prompt template
 * @param options the texts of the options from A on; empty without multiple choice
 * @param solution gold reasoning in the form of the task: it ends with a line {@code #### n}, a
 *     last line {@code The answer is X}, or a boxed answer
 * @param answer the canonical final answer: a number without currency sign and thousands
 *     separators, a letter, or an expression
 */
public record Problem(
    String id, Task task, String question, List<String> options, String solution, String answer) {
  /** Copies the list. */
  public Problem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(solution, "solution");
    Objects.requireNonNull(answer, "answer");
    options = List.copyOf(options);
  }

  /** Creates a problem of the task GSM8K (Cobbe et al. 2021, arXiv 2110.14168). */
  public Problem(String id, String question, String solution, String answer) {
    this(id, Task.GSM8K, question, List.of(), solution, answer);
  }

  /** The prompt for the model: see {@link Prompts}. */
  public String prompt() {
    return Prompts.question(question, options);
  }

  /** The response that the model imitates in training. */
  public String target() {
    return Prompts.response(solution);
  }

  /** Grades a response. In flexible extraction, the text of an option counts, too. */
  public Grade grade(String response) {
    Grade grade = task.grade(answer, response);
    return OptionText.complete(grade, options, answer, response);
  }

  /** Whether an extracted answer equals the gold answer, such as {@code 18} and {@code 18.0}. */
  public boolean solvedBy(String extracted) {
    return switch (task) {
      case GSM8K -> Gsm8kGrader.sameNumber(extracted, answer);
      case MATH -> dev.plumbline.data.math.MathEquality.same(answer, extracted);
      default -> answer.equals(extracted);
    };
  }
}
