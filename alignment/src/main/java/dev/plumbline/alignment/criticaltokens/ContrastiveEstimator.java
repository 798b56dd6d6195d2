package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;

/**
 * Contrastive estimation of critical tokens (Lin et al. 2024, arXiv 2411.19943): the probability of
 * a token under a model of right solutions against that under a model of wrong ones.
 *
 * <pre>
 *   s_t = softmax( (1 + beta) z+_t - beta z-_t )[y_t]          over the whole vocabulary
 * </pre>
 *
 * <p>A low s_t in a wrong solution marks a critical token. Everything is computed in log space,
 * from the largest logit on.
 */
public final class ContrastiveEstimator implements AutoCloseable {
  /** The authors' beta. */
  public static final double DEFAULT_BETA = 1;

  private static final Kernels KERNELS = Kernels.BEST;

  private final TeacherForcing models;
  private final double beta;
  private final double plausible;

  /**
   * What is known of the tokens of a response.
   *
   * @param score s_t
   * @param logScore log s_t
   * @param contrast (1 + beta) log p+ - beta log p-, not normalised over the vocabulary
   */
  public record Estimate(double[] score, double[] logScore, double[] contrast) {}

  /**
   * An estimator on two models as they are now.
   *
   * @param beta how strongly the negative model counts
   * @param plausible tokens below this share of the positive model's largest probability are left
   *     out of the softmax, as in contrastive decoding; 0 = none
   */
  public ContrastiveEstimator(
      Checkpoint positive, Checkpoint negative, double beta, double plausible, OpMode ops) {
    if (positive.config().vocabSize() != negative.config().vocabSize()) {
      throw new UserError(
          "The positive model has "
              + positive.config().vocabSize()
              + " words and the negative one "
              + negative.config().vocabSize()
              + "; both must be trained from one base model.");
    }
    if (!(beta >= 0) || Double.isInfinite(beta)) {
      throw new UserError("beta is " + beta + ", and a number of 0 or more is needed.");
    }
    if (!(plausible >= 0 && plausible <= 1)) {
      throw new UserError("plausible is " + plausible + ", and a share from 0 to 1 is needed.");
    }
    this.models = new TeacherForcing(ops, positive.weights(), negative.weights());
    this.beta = beta;
    this.plausible = plausible;
  }

  /** Scores every token of a response. */
  public Estimate score(int[] prompt, int[] response) {
    int n = response.length;
    Estimate e = new Estimate(new double[n], new double[n], new double[n]);
    models.walk(
        prompt,
        response,
        (t, z) -> {
          float[] positive = z[0];
          float[] negative = z[1];
          int y = response[t];
          double logPositive = positive[y] - logSum(positive.clone());
          double logNegative = negative[y] - logSum(negative.clone());
          e.contrast()[t] = (1 + beta) * logPositive - beta * logNegative;
          float least =
              plausible == 0
                  ? Float.NEGATIVE_INFINITY
                  : KERNELS.max(positive, 0, positive.length) + (float) Math.log(plausible);
          boolean left = positive[y] >= least;
          for (int v = 0; v < positive.length; v++) {
            float contrast = (float) ((1 + beta) * positive[v] - beta * negative[v]);
            positive[v] = positive[v] >= least ? contrast : Float.NEGATIVE_INFINITY;
          }
          e.logScore()[t] =
              left ? Math.min(0, positive[y] - logSum(positive)) : Double.NEGATIVE_INFINITY;
          e.score()[t] = Math.exp(e.logScore()[t]);
        });
    return e;
  }

  /** {@code log sum_v exp z[v]}; writes over {@code z}. */
  static double logSum(float[] z) {
    float max = KERNELS.max(z, 0, z.length);
    return max + Math.log(KERNELS.expSum(z, 0, z.length, 1f, max));
  }

  @Override
  public void close() {
    models.close();
  }
}
