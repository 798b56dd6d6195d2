package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Simple preference optimisation (Meng et al. 2024, arXiv 2405.14734): the mean log-probability is
 * the reward, so no reference is needed, and the margin must exceed gamma.
 *
 * <pre>
 *   L = - log sigma( beta s_w - beta s_l - gamma )                      {@code simpo}
 * </pre>
 *
 * @param beta scale of the reward, default 2
 * @param gammaRatio gamma / beta, default 0.5
 */
public record SimPo(double beta, double gammaRatio) implements PairLoss {
  /** The authors' code (C). */
  public static final double DEFAULT_BETA = 2;

  /** The authors' code (C). */
  public static final double DEFAULT_GAMMA_RATIO = 0.5;

  /** Checks the ranges. */
  public SimPo {
    Hyperparameter.BETA.check(beta);
    Hyperparameter.GAMMA_RATIO.check(gammaRatio);
  }

  @Override
  public String name() {
    return "simpo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return -PairLoss.logSigmoid(beta * (w.s() - l.s() - gammaRatio));
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    SDVariable margin = batch.difference(batch.s()).sub(gammaRatio); // [q, e]
    return batch.logProbs().negativeLogSigmoid(margin.mul(beta));
  }

  @Override
  public double reward(ScoredResponse y) {
    return beta * y.s();
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    return List.of(
        Explanation.of("gamma", beta * gammaRatio),
        Explanation.of("s_w", w.s()),
        Explanation.of("s_l", l.s()));
  }
}
