package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.ImplicitRewardLoss.h;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290, Eq. 7): raise the margin
 * between the log-ratios of the chosen and the rejected response, the more the further it is from
 * being large.
 *
 * <pre>
 *   L = - log sigma( beta [ log pi(y_w|x)/pi_ref(y_w|x) - log pi(y_l|x)/pi_ref(y_l|x) ] )   Eq. 7, {@code dpo}
 *   dL/d log pi(y_w|x) = - beta sigma(-beta h) = - dL/d log pi(y_l|x)
 * </pre>
 *
 * @param beta how strongly the policy is held to the reference; default 0.1
 */
public record Dpo(double beta) implements ImplicitRewardLoss {
  /** The paper's section 6. */
  public static final double DEFAULT_BETA = 0.1;

  /** Checks the range. */
  public Dpo {
    Hyperparameter.BETA.check(beta);
  }

  @Override
  public String name() {
    return "dpo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return -PairLoss.logSigmoid(beta * h(w, l)); // Eq. 7
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    SDVariable h = batch.margin(); // [q, e]
    return batch.logProbs().negativeLogSigmoid(h.mul(beta)); // Eq. 7
  }
}
