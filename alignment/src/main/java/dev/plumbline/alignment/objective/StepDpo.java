package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Step-DPO (Lai et al. 2024, arXiv 2406.18629): DPO on one step. The question and the steps before
 * are the prompt; the first right step is preferred to the first wrong one, and what follows is not
 * looked at.
 *
 * <pre>
 *   L = - log sigma( beta [ log pi(s_w|x, s_&lt;k)/pi_ref - log pi(s_l|x, s_&lt;k)/pi_ref ] )    {@code step-dpo}
 * </pre>
 *
 * <p>Of a pair's responses, whose rows must tell where steps end, the first step is taken; without
 * an end of text, as the step does not end it.
 *
 * @param strength beta, default 0.4 (the paper's for small models is 0.5)
 */
public record StepDpo(double strength) implements PairLoss {
  /** The paper's section 4. */
  public static final double DEFAULT_BETA = 0.4;

  /** Checks the ranges. */
  public StepDpo {
    Aft.checkBeta(strength);
  }

  @Override
  public String name() {
    return "step-dpo";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    return -PairLoss.logSigmoid(strength * c.margin(w, l));
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    return graph.loss().negativeLogSigmoid(graph.margin().mul(strength)); // [q, e]
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.logRatio(candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    return PairLoss.margin(c, w, l);
  }

  @Override
  public boolean firstStepOnly() {
    return true;
  }
}
