package dev.plumbline.data.wordproblems;

import dev.plumbline.data.problem.Problem;
import java.util.List;
import java.util.Objects;

/**
 * A generated problem with its construction, so that an error in a response can be traced to its
 * step.
 *
 * @param problem the problem as in a training set
 * @param story the name of its story, such as {@code orchard}
 * @param equations the gold steps in order, as in the annotations: {@code 12*3=36}
 * @param distractor a number of the question that no step needs, or 0 for none
 */
public record GeneratedProblem(
    Problem problem, String story, List<String> equations, int distractor) {
  /** Copies the list. */
  public GeneratedProblem {
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(story, "story");
    equations = List.copyOf(equations);
  }

  /** Whether the question has a distractor. */
  public boolean hasDistractor() {
    return distractor != 0;
  }
}
