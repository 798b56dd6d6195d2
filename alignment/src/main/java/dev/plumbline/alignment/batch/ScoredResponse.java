package dev.plumbline.alignment.batch;

import java.util.Arrays;

/**
 * One response with its log-probabilities under the policy and the reference, as plain numbers for
 * the formulas of the preference losses.
 *
 * @param logPi log pi(y|x), the sum over the response's tokens
 * @param logRef log pi_ref(y|x), or NaN without a reference
 * @param kl sum over the tokens of KL(pi_ref || pi), or NaN if the loss does not need it
 * @param length number of tokens
 * @param quality higher is better; only pairs of different quality are compared
 * @param tokenRatios log-ratio and weight of each token
 * @param still the response for detached values, or null for this one; only the finite-difference
 *     check of gradients sets it
 */
public record ScoredResponse(
    double logPi,
    double logRef,
    double kl,
    Length length,
    double quality,
    TokenRatios tokenRatios,
    ScoredResponse still) {

  /**
   * Token counts of a response.
   *
   * @param scored tokens in the sums
   * @param predicted predicted tokens of prompt and response: all but the first
   */
  public record Length(int scored, int predicted) {}

  /**
   * Log-ratios of the tokens of a response.
   *
   * @param ratios log pi - log pi_ref of each token, or null without a reference
   * @param weights weight of each token, for token-weighted losses
   */
  public record TokenRatios(double[] ratios, float[] weights) {
    /** sum_t weight_t (log pi - log pi_ref). */
    double weighted() {
      double sum = 0;
      for (int t = 0; t < ratios.length; t++) {
        sum += weights[t] * ratios[t];
      }
      return sum;
    }
  }

  /** Returns response {@code i} of an example. */
  static ScoredResponse of(
      Example example, TokenScores scores, int i, double quality, ScoredResponse still) {
    return new ScoredResponse(
        scores.logPi(i),
        scores.reference() == null ? Double.NaN : scores.logRef(i),
        scores.kl() == null ? Double.NaN : scores.sequentialKl(i),
        new Length(scores.policy().get(i).length, example.predicted(i)),
        quality,
        new TokenRatios(
            scores.reference() == null ? null : scores.ratios(i),
            example.responses().get(i).scoredWeights()),
        still);
  }

  /** Creates a response of one token, whose mean and sum are equal. */
  static ScoredResponse of(double logPi, double quality) {
    return new ScoredResponse(
        logPi,
        Double.NaN,
        Double.NaN,
        new Length(1, 1),
        quality,
        new TokenRatios(null, null),
        null);
  }

  /** D(y): a response with equal values and without gradient. */
  public ScoredResponse detached() {
    return still == null ? this : still;
  }

  /** s = log pi(y|x) / n, the mean log-probability of a token. */
  public double s() {
    return logPi / length.scored();
  }

  /** n, the number of tokens. */
  public int tokens() {
    return length.scored();
  }

  /** a = log pi(y|x) - log pi_ref(y|x), the log-ratio. */
  public double logRatio() {
    return logPi - logRef;
  }

  /** sum_t w_t (log pi(y_t) - log pi_ref(y_t)), the token-weighted log-ratio. */
  public double weightedLogRatio() {
    return tokenRatios.weighted();
  }

  @Override
  public String toString() {
    return "log pi "
        + logPi
        + ", tokens "
        + tokens()
        + ", weights "
        + Arrays.toString(tokenRatios.weights());
  }
}
