package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.ImplicitRewardLoss.h;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Conservative DPO (Mitchell 2023, "A note on DPO with noisy preferences"): a share eps of the
 * labels may be flipped, so the optimal margin is finite.
 *
 * <pre>
 *   L = - (1 - eps) log sigma(beta h) - eps log sigma(-beta h)         {@code conservative-dpo}
 *   minimum at h = log((1 - eps)/eps) / beta
 * </pre>
 *
 * <p>Not the cDPO of the critical-tokens paper, which is {@link CriticalDpo}.
 *
 * @param beta how strongly the policy is held to the reference; default {@link Dpo#DEFAULT_BETA}
 * @param labelSmoothing eps, the share of flipped labels, at least 0 and below 0.5; default 0.1
 */
public record ConservativeDpo(double beta, double labelSmoothing) implements ImplicitRewardLoss {
  /** A value that the note tries. */
  public static final double DEFAULT_LABEL_SMOOTHING = 0.1;

  /** Checks the ranges. */
  public ConservativeDpo {
    Hyperparameter.BETA.check(beta);
    Hyperparameter.LABEL_SMOOTHING.check(labelSmoothing);
  }

  @Override
  public String name() {
    return "conservative-dpo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    double x = beta * h(w, l);
    return -(1 - labelSmoothing) * PairLoss.logSigmoid(x)
        - labelSmoothing * PairLoss.logSigmoid(-x);
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    SDVariable x = batch.margin().mul(beta); // [q, e]
    TokenLogProbs logProbs = batch.logProbs();
    return logProbs
        .negativeLogSigmoid(x)
        .mul(1 - labelSmoothing)
        .add(logProbs.negativeLogSigmoid(x.neg()).mul(labelSmoothing));
  }
}
