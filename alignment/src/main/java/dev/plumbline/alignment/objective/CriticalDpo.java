package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Token-weighted DPO (Lin et al. 2024, arXiv 2411.19943; the paper's cDPO, a name that elsewhere
 * means conservative DPO): rejected tokens with a low contrastive score keep full weight; the
 * others are down-weighted by 1 - s_t. With r_t = log pi(y_t) - log pi_ref(y_t) and s_t the
 * contrastive score of a token,
 *
 * <pre>
 *   L = - log sigma( beta [ sum_{t in y_w} c_t r_t - sum_{t in y_l} (1 - s_t) r_t ] )
 *       c_t = 1                                                                        {@code critical-dpo}
 *       c_t = s_t                                                                      {@code critical-dpo-both}
 * </pre>
 *
 * <p>{@code critical-tokens estimate} computes s_t and writes the weights that a row carries: its
 * {@code rejected_weights} hold 1 - s_t and its {@code chosen_weights} c_t, which the first form
 * does not read. Without weights both forms are DPO. The sequence form is from memory of the paper
 * (M); its shape agrees with the authors' code, whose own form is {@link CriticalDpoElementwise}.
 *
 * <p>The logged rewards are DPO's, without token weights, so {@code rewards/margins} is not the
 * argument of the sigmoid.
 *
 * @param beta how strongly the policy is held to the reference; default {@link Dpo#DEFAULT_BETA}
 * @param both whether the chosen response is token-weighted, too
 */
public record CriticalDpo(double beta, boolean both) implements ImplicitRewardLoss {
  /** Checks the range. */
  public CriticalDpo {
    Hyperparameter.BETA.check(beta);
  }

  @Override
  public String name() {
    return both ? "critical-dpo-both" : "critical-dpo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return -PairLoss.logSigmoid(beta * (chosen(w) - l.weightedLogRatio()));
  }

  /** sum_t c_t r_t of the chosen response. */
  private double chosen(ScoredResponse w) {
    return both ? w.weightedLogRatio() : w.logRatio();
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    SDVariable weighted = batch.logProbs().sumByResponse(batch.weightedRatios()); // [r, 1]
    SDVariable chosen = both ? weighted : batch.logRatio();
    SDVariable margin = batch.better(chosen).sub(batch.worse(weighted)); // [q, e]
    return batch.logProbs().negativeLogSigmoid(margin.mul(beta));
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    return List.of(
        Explanation.of("beta", beta),
        Explanation.of("sum c_t r_t of y_w", chosen(w), tokens(w, both)),
        Explanation.of("sum (1 - s_t) r_t of y_l", l.weightedLogRatio(), tokens(l, true)));
  }

  private static Explanation[] tokens(ScoredResponse y, boolean weighted) {
    double[] ratios = y.tokenRatios().ratios();
    Explanation[] tokens = new Explanation[ratios.length];
    for (int t = 0; t < tokens.length; t++) {
      double weight = weighted ? y.tokenRatios().weights()[t] : 1;
      tokens[t] =
          Explanation.of(
              "token " + t,
              weight * ratios[t],
              Explanation.of("weight", weight),
              Explanation.of("r_t", ratios[t]));
    }
    return tokens;
  }
}
