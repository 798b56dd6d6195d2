package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.ImplicitRewardLoss.h;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * DPO-positive (Smaug; Pal et al. 2024, arXiv 2402.13228): a penalty where the chosen response has
 * become less likely than under the reference, which DPO's margin alone allows.
 *
 * <pre>
 *   L = - log sigma( beta [ h - lambda max(0, -a_w) ] )                 {@code dpo-positive}
 * </pre>
 *
 * @param beta how strongly the policy is held to the reference; default {@link Dpo#DEFAULT_BETA}
 * @param positiveWeight lambda, default 50 (M: from memory, unverified)
 */
public record DpoPositive(double beta, double positiveWeight) implements ImplicitRewardLoss {
  /** M: from memory of the paper, unverified. */
  public static final double DEFAULT_POSITIVE_WEIGHT = 50;

  /** Checks the ranges. */
  public DpoPositive {
    Hyperparameter.BETA.check(beta);
    Hyperparameter.POSITIVE_WEIGHT.check(positiveWeight);
  }

  @Override
  public String name() {
    return "dpo-positive";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    double penalty = positiveWeight * Math.max(0, -w.logRatio());
    return -PairLoss.logSigmoid(beta * (h(w, l) - penalty));
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable a = batch.logRatio(); // [r, 1]
    SDVariable chosen = batch.better(a); // [q, e]
    SDVariable penalty = logProbs.positivePart(chosen.neg()).mul(positiveWeight);
    SDVariable margin = chosen.sub(batch.worse(a)).sub(penalty);
    return logProbs.negativeLogSigmoid(margin.mul(beta));
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    List<Explanation> factors = new ArrayList<>(ImplicitRewardLoss.super.factors(w, l));
    factors.add(Explanation.of("max(0, -a_w)", Math.max(0, -w.logRatio())));
    return factors;
  }
}
