package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.ImplicitRewardLoss.h;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Token-level DPO (Zeng et al. 2024, arXiv 2404.11999): DPO's margin minus the difference between
 * the policy's distance from the reference along the rejected and along the chosen response.
 *
 * <pre>
 *   K   = sum_t KL( pi_ref(.|x, y_&lt;t) || pi(.|x, y_&lt;t) )           over the whole vocabulary
 *   L   = - log sigma( beta [ h - (K_l - K_w) ] )                       {@code tdpo1}
 *   L   = - log sigma( beta [ h - alpha (K_l - D(K_w)) ] )              {@code tdpo2}
 * </pre>
 *
 * <p>The reference runs beside the policy in every step, since its whole distributions are too
 * large to cache.
 *
 * @param beta how strongly the policy is held to the reference; default {@link Dpo#DEFAULT_BETA}
 * @param klWeight alpha, 1 in the first form and 0.5 by default in the second
 * @param detachChosen whether K_w has no gradient, as in the second form
 */
public record Tdpo(double beta, double klWeight, boolean detachChosen)
    implements ImplicitRewardLoss {
  /** The first form has no alpha. */
  public static final double WEIGHT_1 = 1;

  /** The default of the authors' code (C). */
  public static final double WEIGHT_2 = 0.5;

  /** Checks the ranges. */
  public Tdpo {
    Hyperparameter.BETA.check(beta);
    Hyperparameter.KL_WEIGHT.check(klWeight);
  }

  @Override
  public String name() {
    return detachChosen ? "tdpo2" : "tdpo1";
  }

  @Override
  public boolean needsDistribution() {
    return true;
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    double chosen = detachChosen ? w.detached().kl() : w.kl(); // K_w, D(K_w)
    return -PairLoss.logSigmoid(beta * (h(w, l) - klWeight * (l.kl() - chosen)));
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable kl = logProbs.sequentialKl(); // K [r, 1]
    SDVariable chosen = batch.better(detachChosen ? logProbs.detach(kl) : kl); // [q, e]
    SDVariable x = batch.margin().sub(batch.worse(kl).sub(chosen).mul(klWeight));
    return logProbs.negativeLogSigmoid(x.mul(beta));
  }

  /** beta (a + K), as the authors' code logs it. */
  @Override
  public double reward(ScoredResponse y) {
    return beta * (y.logRatio() + y.kl());
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    List<Explanation> factors = new ArrayList<>(ImplicitRewardLoss.super.factors(w, l));
    factors.add(Explanation.of("alpha", klWeight));
    factors.add(Explanation.of("K_w", w.kl()));
    factors.add(Explanation.of("K_l", l.kl()));
    return factors;
  }
}
