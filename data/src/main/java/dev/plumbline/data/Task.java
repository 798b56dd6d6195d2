package dev.plumbline.data;

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
  static Optional<Task> ofSolution(String solution) {
    return Stream.of(GSM8K, AQUA, MATH).filter(task -> task.answer(solution) != null).findFirst();
  }

  /** The answer that a solution gives in this task's strict form, or null. */
  String answer(String solution) {
    return switch (this) {
      case GSM8K -> Gsm8kGrader.strict(solution).orElse(null);
      case AQUA, ECQA, MMLU -> OptionGrader.strict(solution);
      case MATH -> MathEquality.boxed(solution);
    };
  }

  /**
   * Grades a response.
   *
   * @param gold the solution for GSM8K (or its number), the letter or the answer for the others
   */
  public Grade grade(String gold, String response) {
    return switch (this) {
      case GSM8K -> Gsm8kGrader.grade(gold, response);
      case AQUA, ECQA, MMLU -> OptionGrader.grade(gold, response);
      case MATH -> MathGrader.grade(gold, response);
    };
  }
}
