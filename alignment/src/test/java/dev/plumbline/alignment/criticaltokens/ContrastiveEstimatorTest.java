package dev.plumbline.alignment.criticaltokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.data.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contrastive score on a vocabulary of five words, and the weights computed from it. */
class ContrastiveEstimatorTest {
  /** Probabilities of the next word under the two models, the same before every token. */
  private static final double[] POSITIVE = {0.40, 0.30, 0.20, 0.09, 0.01};

  private static final double[] NEGATIVE = {0.10, 0.30, 0.20, 0.10, 0.30};
  private static final double CLOSE = 1e-6; // logits are float32

  /** A model with these probabilities; a constant added to its logits changes nothing. */
  private record Fixed(double shift) implements LogitSource {
    @Override
    public int vocabulary() {
      return POSITIVE.length;
    }

    @Override
    public void walk(int[] prompt, int[] response, Visitor visitor) {
      for (int t = 0; t < response.length; t++) {
        visitor.visit(t, new float[][] {logits(POSITIVE), logits(NEGATIVE)});
      }
    }

    private float[] logits(double[] p) {
      float[] z = new float[p.length];
      for (int v = 0; v < z.length; v++) {
        z[v] = (float) (Math.log(p[v]) + shift);
      }
      return z;
    }

    @Override
    public void close() {}
  }

  private static ContrastiveEstimator.Estimate score(double beta, double plausible, int... words) {
    try (ContrastiveEstimator estimator = new ContrastiveEstimator(new Fixed(3), beta, plausible)) {
      return estimator.score(new int[] {0}, words);
    }
  }

  /**
   * beta = 1: s is proportional to p+^2 / p-.
   *
   * <pre>
   *   0.40^2 / 0.10 = 1.6       0.30^2 / 0.30 = 0.3      0.20^2 / 0.20 = 0.2
   *   0.09^2 / 0.10 = 0.081     0.01^2 / 0.30 = 0.000333      sum 2.181333
   *   s = 0.733496, 0.137531, 0.091687, 0.037133, 0.000153
   * </pre>
   */
  @Test
  void workedByHand() {
    ContrastiveEstimator.Estimate e = score(1, 0, 0, 1, 2, 3, 4);
    assertThat(e.score())
        .containsExactly(
            new double[] {0.733496, 0.137531, 0.091687, 0.037133, 0.000153}, within(CLOSE));
    double sum = 0;
    for (int t = 0; t < 5; t++) {
      sum += e.score()[t];
      assertThat(Math.exp(e.logScore()[t])).isCloseTo(e.score()[t], within(CLOSE));
      // log(p+^2 / p-), before the normalisation
      assertThat(e.contrast()[t])
          .isCloseTo(2 * Math.log(POSITIVE[t]) - Math.log(NEGATIVE[t]), within(1e-5));
    }
    assertThat(sum).isCloseTo(1, within(CLOSE));
  }

  @Test
  void betaZeroIsThePositiveModel() {
    assertThat(score(0, 0, 0, 1, 2, 3, 4).score()).containsExactly(POSITIVE, within(CLOSE));
  }

  @Test
  void aLargeBetaTakesTheWordThatThePositiveModelPrefersMost() {
    // p+ / p- is largest, 4, at word 0.
    assertThat(score(50, 0, 0, 1).score()).containsExactly(new double[] {1, 0}, within(CLOSE));
  }

  /** Words below 0.5 * 0.40 are left out: 1.6 / 2.1, 0.3 / 2.1, 0.2 / 2.1, 0, 0. */
  @Test
  void implausibleWordsAreLeftOut() {
    assertThat(score(1, 0.49, 0, 1, 2, 3, 4).score())
        .containsExactly(new double[] {1.6 / 2.1, 0.3 / 2.1, 0.2 / 2.1, 0, 0}, within(CLOSE));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesABetaBelowZero(double beta) {
    assertThatThrownBy(() -> new ContrastiveEstimator(new Fixed(0), beta, 0))
        .isInstanceOf(UserError.class)
        .hasMessage("beta must be >= 0, but is " + beta + ".");
  }

  /**
   * Rejected tokens have weight 1 - s: the critical word 4 keeps almost all of its weight, word 0
   * little. The end of text, word 2 at the end, has weight 1 in both; elsewhere word 2 is an
   * ordinary word.
   */
  @Test
  void weightsOfTheTwoResponses() {
    int[] response = {4, 2, 0, 2};
    ContrastiveEstimator.Estimate e = score(1, 0, response);
    assertThat(TokenWeights.weights(e, response, 2, true))
        .containsExactly(
            new float[] {1 - 0.000153f, 1 - 0.091687f, 1 - 0.733496f, 1}, within(1e-6f));
    assertThat(TokenWeights.weights(e, response, 2, false))
        .containsExactly(new float[] {0.000153f, 0.091687f, 0.733496f, 1}, within(1e-6f));
    assertThat(TokenWeights.weights(e, response, 9, false)[3]) // cut off at the limit: no end
        .isCloseTo(0.091687f, within(1e-6f));
  }
}
