package dev.plumbline.data.problem;

import dev.plumbline.data.UserError;
import dev.plumbline.data.math.MathEquality;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A kind of problem: how it is asked, what is imitated, and how a response is graded. */
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

  /** By its name in any case. */
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

  /** The task in whose form a solution gives its answer: GSM8K's, a letter's or a box's. */
  public static Optional<Task> ofSolution(String solution) {
    return Stream.of(GSM8K, AQUA, MATH).filter(task -> task.answer(solution) != null).findFirst();
  }

  /** The answer that a solution gives in this task's strict form, or null. */
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
   * @param gold a solution in this task's strict form, or the bare answer: a number, a letter or an
   *     expression
   * @throws UserError when the gold holds no answer: that is a fault of the data, not of the
   *     response
   */
  public Grade grade(String gold, String response) {
    return switch (this) {
      case GSM8K -> Gsm8kGrader.grade(gold, response);
      case AQUA, ECQA, MMLU -> OptionGrader.grade(goldAnswer(gold), response);
      case MATH -> MathGrader.grade(goldAnswer(gold), response);
    };
  }

  /** The bare answer of a gold that is a solution or that answer. */
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
            + "\" is none of "
            + label()
            + "'s; give "
            + (this == MATH
                ? "an expression or a solution that boxes one."
                : this == GSM8K
                    ? "a number or a solution that ends in \"#### n\"."
                    : "a letter from A on or a solution that ends in \"The answer is X\"."));
  }

  private boolean bare(String gold) {
    return this == MATH ? !gold.isBlank() : gold.matches("[A-J]");
  }
}
