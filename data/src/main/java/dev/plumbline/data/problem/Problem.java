package dev.plumbline.data.problem;

import java.util.List;
import java.util.Objects;

/**
 * A problem with its gold solution.
 *
 * @param id unique within its file
 * @param task how it is asked and graded
 * @param question the problem as people read it, without any prompt template
 * @param options the options' texts from A on; empty where the answer is free
 * @param solution gold reasoning in the form that the task imitates: a line {@code #### n}, a last
 *     line {@code The answer is X}, or a boxed answer
 * @param answer the canonical final answer: a number without currency sign and thousands
 *     separators, a letter, or an expression
 */
public record Problem(
    String id, Task task, String question, List<String> options, String solution, String answer) {
  public Problem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(solution, "solution");
    Objects.requireNonNull(answer, "answer");
    options = List.copyOf(options);
  }

  /** A problem in the shape of GSM8K (Cobbe et al. 2021, arXiv 2110.14168). */
  public Problem(String id, String question, String solution, String answer) {
    this(id, Task.GSM8K, question, List.of(), solution, answer);
  }

  /** What a model is given: see {@link Prompts}. */
  public String prompt() {
    return Prompts.question(question, options);
  }

  /** What a model is to imitate after the prompt. */
  public String target() {
    return Prompts.response(solution);
  }

  /** Grades a response; flexibly, an option may also be named by its text. */
  public Grade grade(String response) {
    Grade grade = task.grade(answer, response);
    return OptionText.complete(grade, options, answer, response);
  }

  /** Whether two extracted answers are the same, such as {@code 18} and {@code 18.0}. */
  public boolean solvedBy(String extracted) {
    return switch (task) {
      case GSM8K -> Gsm8kGrader.sameNumber(extracted, answer);
      case MATH -> dev.plumbline.data.math.MathEquality.same(answer, extracted);
      default -> answer.equals(extracted);
    };
  }
}
