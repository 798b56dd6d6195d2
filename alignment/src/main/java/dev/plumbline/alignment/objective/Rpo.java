package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.ImplicitRewardLoss.h;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * DPO with the likelihood of the chosen response (iterative reasoning preference optimisation; Pang
 * et al. 2024, arXiv 2404.19733, Eq. 1): the likelihood term keeps the chosen response likely while
 * the margin grows.
 *
 * <pre>
 *   L = - log sigma(beta h) - alpha log pi(y_w|x) / n_w                Eq. 1, {@code rpo}
 * </pre>
 *
 * @param beta how strongly the policy is held to the reference; default {@link Dpo#DEFAULT_BETA}
 * @param nllWeight alpha, default 1
 */
public record Rpo(double beta, double nllWeight) implements ImplicitRewardLoss {
  /** The paper's section 3. */
  public static final double DEFAULT_NLL_WEIGHT = 1;

  /** Checks the ranges. */
  public Rpo {
    Hyperparameter.BETA.check(beta);
    Hyperparameter.NLL_WEIGHT.check(nllWeight);
  }

  @Override
  public String name() {
    return "rpo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return -PairLoss.logSigmoid(beta * h(w, l)) - nllWeight * w.s(); // Eq. 1
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    SDVariable x = batch.margin().mul(beta); // [q, e]
    SDVariable likelihood = batch.better(batch.s()).mul(nllWeight);
    return batch.logProbs().negativeLogSigmoid(x).sub(likelihood); // Eq. 1
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    List<Explanation> factors = new ArrayList<>(ImplicitRewardLoss.super.factors(w, l));
    factors.add(Explanation.of("log pi(y_w|x) / n_w", w.s()));
    return factors;
  }
}
