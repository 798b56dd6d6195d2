package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.statistics.Correlation;
import dev.plumbline.alignment.statistics.RankAuc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well an estimate of every token agrees with the rollouts; one entry per trajectory.
 *
 * @param rank the place of the critical token when the tokens are sorted from the most suspicious
 *     one, from 1; equal ones share the mean place
 * @param tokens number of tokens that were sorted
 * @param auc share of the other tokens that are less suspicious than the critical one
 * @param correlation Spearman's, between how suspicious a token is and how much the rollouts' score
 *     drops at it; NaN where one of them does not vary
 */
public record Agreement(double[] rank, int[] tokens, double[] auc, double[] correlation) {
  /**
   * Compares along trajectories.
   *
   * @param suspicion by trajectory and token, higher is more suspicious; those of tokens without a
   *     rollout score are ignored
   * @param scores of the rollouts, at every position
   * @param critical index of each trajectory's critical token
   */
  public static Agreement of(List<double[]> suspicion, List<RolloutScores> scores, int[] critical) {
    int n = critical.length;
    Agreement all = new Agreement(new double[n], new int[n], new double[n], new double[n]);
    for (int i = 0; i < n; i++) {
      int tokens = scores.get(i).right().length;
      double[] own = Arrays.copyOf(suspicion.get(i), tokens);
      double at = own[critical[i]];
      List<Double> others = new ArrayList<>();
      for (int t = 0; t < tokens; t++) {
        if (t != critical[i]) {
          others.add(own[t]);
        }
      }
      double[] rest = others.stream().mapToDouble(Double::doubleValue).toArray();
      all.tokens[i] = tokens;
      all.auc[i] = RankAuc.of(new double[] {at}, rest);
      all.rank[i] = rest.length == 0 ? 1 : 1 + (1 - all.auc[i]) * rest.length;
      all.correlation[i] = correlation(own, scores.get(i));
    }
    return all;
  }

  private static double correlation(double[] suspicion, RolloutScores scores) {
    if (Arrays.stream(scores.drawn()).anyMatch(drawn -> drawn == 0)) {
      return Double.NaN;
    }
    double[] drops = new double[suspicion.length - 1];
    for (int t = 1; t < suspicion.length; t++) {
      drops[t - 1] = scores.score(t - 1) - scores.score(t);
    }
    return drops.length < 2
        ? Double.NaN
        : Correlation.spearman(Arrays.copyOfRange(suspicion, 1, suspicion.length), drops);
  }

  /** Whether the critical token is among the k most suspicious ones: 1 or 0 per trajectory. */
  public double[] within(int k) {
    return Arrays.stream(rank).map(r -> r <= k ? 1 : 0).toArray();
  }
}
