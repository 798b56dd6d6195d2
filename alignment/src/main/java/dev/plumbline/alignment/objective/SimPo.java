package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Simple preference optimisation (Meng et al. 2024, arXiv 2405.14734): the mean log-probability is
 * the reward, so that no reference is needed, and a margin is asked for.
 *
 * <pre>
 *   L = - log sigma( beta s_w - beta s_l - gamma )                      {@code simpo}
 * </pre>
 *
 * @param strength beta, default 2
 * @param gammaRatio gamma / beta, default 0.5
 */
public record SimPo(double strength, double gammaRatio) implements PairLoss {
  /** The authors' code. */
  public static final double DEFAULT_BETA = 2;

  /** The authors' code. */
  public static final double DEFAULT_GAMMA_RATIO = 0.5;

  /** Checks the ranges. */
  public SimPo {
    Aft.checkBeta(strength);
    PairLoss.checkRange("gamma-ratio", gammaRatio, Double.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return "simpo";
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    return -PairLoss.logSigmoid(strength * (c.s()[w] - c.s()[l] - gammaRatio));
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    SDVariable s = graph.s();
    SDVariable margin = graph.difference(s).sub(gammaRatio); // [q, e]
    return graph.loss().negativeLogSigmoid(margin.mul(strength));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.s()[candidate];
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    return List.of(
        Explanation.of("gamma", strength * gammaRatio),
        Explanation.of("s_w", c.s()[w]),
        Explanation.of("s_l", c.s()[l]));
  }
}
