package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.statistics.RankAuc;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Credit assignment of a preference-trained model (SCDPO, section 4). The implicit reward of a
 * token is
 *
 * <pre>
 *   r(s_i, x_i) = beta log pi(x_i|s_i) - beta log pi_ref(x_i|s_i)                      Eq. 7
 * </pre>
 *
 * If the erroneous step of a wrong solution is known, the area under the ROC curve is the
 * probability that a token of this step has a lower reward than a token of another step; 0.5 is
 * chance.
 */
public final class CreditAssignment {
  private CreditAssignment() {}

  /**
   * A wrong solution with its known erroneous step.
   *
   * @param prompt token ids
   * @param response token ids
   * @param from index of the first token of the erroneous step
   * @param to index after the last token of the step
   */
  public record Marked(int[] prompt, int[] response, int from, int to) {
    /** The tokens for a model. */
    public TokenTree tree() {
      return new TokenTree(prompt, List.of(response));
    }
  }

  /** Returns the log-probabilities of the tokens of each solution. */
  public static List<float[]> score(Checkpoint model, List<Marked> solutions, OpMode ops) {
    return Scorer.score(model.weights(), ops, solutions.stream().map(Marked::tree).toList())
        .stream()
        .map(responses -> responses.get(0))
        .toList();
  }

  /** Returns the reward of every token (Eq. 7). */
  public static List<double[]> rewards(List<float[]> policy, List<float[]> reference, double beta) {
    List<double[]> rewards = new ArrayList<>();
    for (int i = 0; i < policy.size(); i++) {
      double[] own = new double[policy.get(i).length];
      float[] p = policy.get(i);
      float[] r = reference.get(i);
      Arrays.setAll(own, t -> beta * ((double) p[t] - r[t]));
      rewards.add(own);
    }
    return rewards;
  }

  /** Returns how often a token of the erroneous step has a lower reward than another token. */
  public static double auc(Marked solution, double[] rewards) {
    double[] inside =
        IntStream.range(solution.from(), solution.to()).mapToDouble(t -> -rewards[t]).toArray();
    double[] outside =
        IntStream.range(0, rewards.length)
            .filter(t -> t < solution.from() || t >= solution.to())
            .mapToDouble(t -> -rewards[t])
            .toArray();
    return RankAuc.of(inside, outside);
  }
}
