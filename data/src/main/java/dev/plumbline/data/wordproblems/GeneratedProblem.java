package dev.plumbline.data.wordproblems;

import dev.plumbline.data.problem.Problem;
import java.util.List;
import java.util.Objects;

/**
 * A generated problem together with how it was made, so that an error in a response can be traced
 * to its step.
 *
 * @param problem the problem as a training set holds it
 * @param story the story it was told in, such as {@code orchard}
 * @param equations the gold steps in order, as they stand in the annotations: {@code 12*3=36}
 * @param distractor a number of the question that no step needs, or 0 when there is none
 */
public record GeneratedProblem(
    Problem problem, String story, List<String> equations, int distractor) {
  public GeneratedProblem {
    Objects.requireNonNull(problem, "problem");
    Objects.requireNonNull(story, "story");
    equations = List.copyOf(equations);
  }

  public boolean hasDistractor() {
    return distractor != 0;
  }
}
