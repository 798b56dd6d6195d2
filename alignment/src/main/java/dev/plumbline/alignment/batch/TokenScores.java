package dev.plumbline.alignment.batch;

import java.util.Arrays;
import java.util.List;

/**
 * Log-probabilities of an example's responses.
 *
 * @param policy [response][token] under the trained model, natural logarithm
 * @param reference the same under the frozen reference model, or null if the objective does not
 *     need it
 * @param kl KL(reference || policy) of the distribution that each token is drawn from, or null if
 *     the objective does not need it
 */
public record TokenScores(List<float[]> policy, List<float[]> reference, List<float[]> kl) {
  /** Creates scores without KL. */
  public TokenScores(List<float[]> policy, List<float[]> reference) {
    this(policy, reference, null);
  }

  /** log pi(y|x): the sum over the tokens of a response. */
  public double logPi(int response) {
    return sum(policy.get(response));
  }

  /** log pi_ref(y|x). */
  public double logRef(int response) {
    return sum(reference.get(response));
  }

  /** Sum of the KL over the tokens of a response. */
  public double sequentialKl(int response) {
    return sum(kl.get(response));
  }

  /** log pi - log pi_ref of every token of a response. */
  public double[] ratios(int response) {
    double[] ratios = new double[policy.get(response).length];
    Arrays.setAll(ratios, t -> (double) policy.get(response)[t] - reference.get(response)[t]);
    return ratios;
  }

  /** The AFT paper's score s: the mean over the tokens of a response. */
  public double s(int response) {
    return logPi(response) / policy.get(response).length;
  }

  /** The scores s of all responses, in order. */
  public double[] s() {
    double[] scores = new double[policy.size()];
    Arrays.setAll(scores, this::s);
    return scores;
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }
}
