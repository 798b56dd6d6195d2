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
 * Where a preference-trained model puts the blame (SCDPO, section 4). The implicit reward of a
 * token is
 *
 * <pre>
 *   r(s_i, x_i) = beta log pi(x_i|s_i) - beta log pi_ref(x_i|s_i)                      Eq. 7
 * </pre>
 *
 * and where the erroneous step of a wrong solution is known, the area under the curve says how
 * often one of its tokens has a lower reward than a token of another step; 0.5 is chance.
 */
public final class CreditAssignment {
  private CreditAssignment() {}

  /**
   * A wrong solution whose erroneous step is known.
   *
   * @param prompt token ids
   * @param response token ids
   * @param from its first token in the erroneous step
   * @param to the one after the step's last
   */
  public record Marked(int[] prompt, int[] response, int from, int to) {
    /** The tokens for a model. */
    public TokenTree tree() {
      return new TokenTree(prompt, List.of(response));
    }
  }

  /** Log-probabilities of each solution's tokens. */
  public static List<float[]> score(Checkpoint model, List<Marked> solutions, OpMode ops) {
    return Scorer.score(model.weights(), ops, solutions.stream().map(Marked::tree).toList())
        .stream()
        .map(responses -> responses.get(0))
        .toList();
  }

  /** Eq. 7 of every token. */
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

  /** How often a token of the erroneous step has a lower reward than another one. */
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
