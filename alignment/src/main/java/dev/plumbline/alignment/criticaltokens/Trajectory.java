package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.data.problem.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A wrong solution whose tokens are searched one by one.
 *
 * @param problem what it should have solved
 * @param prompt token ids of the question
 * @param response token ids of the solution, the end of text included where it has one
 */
public record Trajectory(Problem problem, int[] prompt, int[] response) {
  /** Number of tokens that a rollout can follow: all but an end of text. */
  public int positions(List<Integer> eos) {
    int last = response.length - 1;
    return last >= 0 && eos.contains(response[last]) ? last : response.length;
  }

  /** Prompt and response as one sequence. */
  public int[] tokens() {
    return IntStream.concat(Arrays.stream(prompt), Arrays.stream(response)).toArray();
  }

  /** The response's tokens up to position {@code to}, that one not included, then others. */
  int[] continuedBy(int to, int[] others) {
    return IntStream.concat(Arrays.stream(response, 0, to), Arrays.stream(others)).toArray();
  }
}
