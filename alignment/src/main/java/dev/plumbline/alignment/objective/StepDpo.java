package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.ImplicitRewardLoss.h;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Step-DPO (Lai et al. 2024, arXiv 2406.18629): DPO on one step. The question and the steps before
 * it are the prompt; the first correct step is preferred to the first wrong one, and the steps
 * after it are ignored.
 *
 * <pre>
 *   L = - log sigma( beta [ log pi(s_w|x, s_&lt;k)/pi_ref - log pi(s_l|x, s_&lt;k)/pi_ref ] )    {@code step-dpo}
 * </pre>
 *
 * <p>The rows must say where steps end; the first step of each response is taken, without an
 * end-of-text token.
 *
 * @param beta how strongly the policy is held to the reference; default 0.4 (the paper takes 0.5
 *     for its 72B model, as the released scripts do for 7B)
 */
public record StepDpo(double beta) implements ImplicitRewardLoss {
  /** The paper's section 4. */
  public static final double DEFAULT_BETA = 0.4;

  /** Checks the range. */
  public StepDpo {
    Hyperparameter.BETA.check(beta);
  }

  @Override
  public String name() {
    return "step-dpo";
  }

  @Override
  public boolean firstStepOnly() {
    return true;
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return -PairLoss.logSigmoid(beta * h(w, l));
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    return batch.logProbs().negativeLogSigmoid(batch.margin().mul(beta)); // [q, e]
  }
}
