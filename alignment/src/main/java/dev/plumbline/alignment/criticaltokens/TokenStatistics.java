package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.util.List;

/**
 * Single-model log-probability and entropy per token: the baselines for contrastive estimation.
 *
 * @param logProb log-probability of each token
 * @param entropy entropy of the model's distribution at each token, in nats
 */
public record TokenStatistics(double[] logProb, double[] entropy) {
  /** Returns the statistics of every response, in order. */
  public static List<TokenStatistics> of(
      Checkpoint model, OpMode ops, List<Trajectory> trajectories) {
    try (TeacherForcing forcing = new TeacherForcing(ops, model.weights())) {
      return trajectories.stream().map(t -> of(forcing, t)).toList();
    }
  }

  private static TokenStatistics of(TeacherForcing forcing, Trajectory trajectory) {
    int[] response = trajectory.response();
    TokenStatistics found =
        new TokenStatistics(new double[response.length], new double[response.length]);
    forcing.walk(
        trajectory.prompt(),
        response,
        (t, z) -> {
          double logSum = ContrastiveEstimator.logSum(z[0].clone());
          found.logProb()[t] = z[0][response[t]] - logSum;
          double entropy = 0;
          for (float one : z[0]) {
            double logProb = one - logSum;
            entropy -= Math.exp(logProb) * logProb;
          }
          found.entropy()[t] = entropy;
        });
    return found;
  }
}
