package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.data.problem.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A wrong solution whose tokens are examined one by one.
 *
 * @param problem the problem that it fails to solve
 * @param prompt token ids of the question
 * @param response token ids of the solution, including the end of text if it has one
 */
public record Trajectory(Problem problem, int[] prompt, int[] response) {
  /** Number of tokens that a rollout can follow: all except an end of text. */
  public int positions(List<Integer> eos) {
    int last = response.length - 1;
    return last >= 0 && eos.contains(response[last]) ? last : response.length;
  }

  /** Prompt and response as one sequence. */
  public int[] tokens() {
    return IntStream.concat(Arrays.stream(prompt), Arrays.stream(response)).toArray();
  }

  /** The response's tokens before position {@code to}, followed by {@code others}. */
  int[] continuedBy(int to, int[] others) {
    return IntStream.concat(Arrays.stream(response, 0, to), Arrays.stream(others)).toArray();
  }
}
