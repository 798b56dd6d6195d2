package dev.plumbline.data.problem;

import dev.plumbline.data.UserError;
import dev.plumbline.data.math.MathEquality;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A kind of problem: its prompt, the form of its solutions, and how a response is graded. */
public enum Task {
  /** A number after {@code ####} (Cobbe et al. 2021). */
  GSM8K,
  /** Algebra with five options and a rationale (Ling et al. 2017). */
  AQUA,
  /** Commonsense with five options and an explanation (Aggarwal et al. 2021). */
  ECQA,
  /** Competition mathematics with a boxed answer (Hendrycks et al. 2021). */
  MATH,
  /** Four options, no rationale (Hendrycks et al. 2021, arXiv 2009.03300). */
  MMLU;

  /**
   * Finds a task by its name in upper or lower case.
   *
   * @throws UserError when no task has this name
   */
  public static Task of(String name) {
    for (Task task : values()) {
      if (task.label().equals(name.toLowerCase(Locale.ROOT))) {
        return task;
      }
    }
    throw new UserError(
        "There is no task '" + name + "'. The tasks are gsm8k, aqua, ecqa, math and mmlu.");
  }

  /** The name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the task whose answer form a solution uses: {@code ####}, a letter or a box. */
  public static Optional<Task> ofSolution(String solution) {
    return Stream.of(GSM8K, AQUA, MATH).filter(task -> task.answer(solution) != null).findFirst();
  }

  /** Returns the strictly extracted answer of a solution, or null. */
  public String answer(String solution) {
    return switch (this) {
      case GSM8K -> Gsm8kGrader.strict(solution).orElse(null);
      case AQUA, ECQA, MMLU -> OptionGrader.strict(solution);
      case MATH -> MathEquality.boxed(solution);
    };
  }

  /**
   * Grades a response.
   *
   * @param gold a solution in this task's strict form, or the answer alone: a number, a letter or
   *     an expression
   * @throws UserError when the gold solution has no answer: an error in the data, not in the
   *     response
   */
  public Grade grade(String gold, String response) {
    return switch (this) {
      case GSM8K -> Gsm8kGrader.grade(gold, response);
      case AQUA, ECQA, MMLU -> OptionGrader.grade(goldAnswer(gold), response);
      case MATH -> MathGrader.grade(goldAnswer(gold), response);
    };
  }

  /**
   * Returns the answer of a gold solution; a gold answer is returned as it is.
   *
   * @throws UserError when there is no answer of this task
   */
  public String goldAnswer(String gold) {
    String solved = answer(gold);
    if (solved != null) {
      return solved;
    }
    if (this == GSM8K ? Gsm8kGrader.isNumber(gold) : bare(gold)) {
      return gold;
    }
    throw new UserError(
        "The gold answer \""
            + gold
            + "\" is not an answer of "
            + label()
            + "; give "
            + (this == MATH
                ? "an expression, or a solution that boxes one."
                : this == GSM8K
                    ? "a number, or a solution that ends with \"#### n\"."
                    : "a letter from A on, or a solution that ends with \"The answer is X\"."));
  }

  private boolean bare(String gold) {
    return this == MATH ? !gold.isBlank() : gold.matches("[A-J]");
  }
}
