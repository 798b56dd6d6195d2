package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * DPO with the likelihood of the chosen response (iterative reasoning preference optimisation, Pang
 * et al. 2024, arXiv 2404.19733, Eq. 1), which keeps the chosen response likely while the margin
 * grows.
 *
 * <pre>
 *   L = - log sigma(beta h) - alpha log pi(y_w|x) / n_w                Eq. 1, {@code rpo}
 * </pre>
 *
 * @param strength beta, default 0.1
 * @param nllWeight alpha, default 1
 */
public record Rpo(double strength, double nllWeight) implements PairLoss {
  /** The paper's section 3. */
  public static final double DEFAULT_NLL_WEIGHT = 1;

  /** Checks the ranges. */
  public Rpo {
    Aft.checkBeta(strength);
    PairLoss.checkRange("nll-weight", nllWeight, Double.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return "rpo";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    double x = strength * c.margin(w, l);
    return -PairLoss.logSigmoid(x) - nllWeight * c.s()[w]; // Eq. 1
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    SDVariable x = graph.margin().mul(strength); // [q, e]
    SDVariable likelihood = graph.better(graph.s()).mul(nllWeight);
    return graph.loss().negativeLogSigmoid(x).sub(likelihood); // Eq. 1
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.logRatio(candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    List<Explanation> factors = new ArrayList<>(PairLoss.margin(c, w, l));
    factors.add(Explanation.of("log pi(y_w|x) / n_w", c.s()[w]));
    return factors;
  }
}
