package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * DPO weighed token by token (Lin et al. 2024, arXiv 2411.19943, the cDPO objective; "cDPO" is
 * conservative DPO elsewhere): the tokens of the rejected response that look fatal keep their
 * weight, harmless ones are spared. With r_t = log pi(y_t) - log pi_ref(y_t) and s_t the
 * contrastive score of a token,
 *
 * <pre>
 *   L = - log sigma( beta [ sum_{t in y_w} c_t r_t - sum_{t in y_l} (1 - s_t) r_t ] )
 *       c_t = 1                                                                        {@code critical-dpo}
 *       c_t = s_t                                                                      {@code critical-dpo-both}
 * </pre>
 *
 * <p>A row's {@code rejected_weights} hold 1 - s_t and its {@code chosen_weights} c_t, which the
 * first form does not read; without weights both are DPO.
 *
 * @param strength beta, default 0.1
 * @param both whether the chosen response is weighed, too
 */
public record CriticalDpo(double strength, boolean both) implements PairLoss {
  /** Checks the ranges. */
  public CriticalDpo {
    Aft.checkBeta(strength);
  }

  @Override
  public String name() {
    return both ? "critical-dpo-both" : "critical-dpo";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    return -PairLoss.logSigmoid(strength * (chosen(c, w) - c.weighedLogRatio(l)));
  }

  private double chosen(Candidates c, int w) {
    return both ? c.weighedLogRatio(w) : c.logRatio(w);
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    SDVariable weighed = graph.loss().sumByResponse(graph.weighedRatios()); // [r, 1]
    SDVariable chosen = both ? weighed : graph.logRatio();
    SDVariable margin = graph.better(chosen).sub(graph.worse(weighed)); // [q, e]
    return graph.loss().negativeLogSigmoid(margin.mul(strength));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.logRatio(candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    List<Explanation> factors = new ArrayList<>();
    factors.add(Explanation.of("beta", strength));
    factors.add(Explanation.of("sum c_t r_t of y_w", chosen(c, w), tokens(c, w, both)));
    factors.add(
        Explanation.of("sum (1 - s_t) r_t of y_l", c.weighedLogRatio(l), tokens(c, l, true)));
    return factors;
  }

  private static Explanation[] tokens(Candidates c, int i, boolean weighed) {
    Explanation[] tokens = new Explanation[c.ratios()[i].length];
    for (int t = 0; t < tokens.length; t++) {
      double weight = weighed ? c.weights()[i][t] : 1;
      tokens[t] =
          Explanation.of(
              "token " + t,
              weight * c.ratios()[i][t],
              Explanation.of("weight", weight),
              Explanation.of("r_t", c.ratios()[i][t]));
    }
    return tokens;
  }
}
