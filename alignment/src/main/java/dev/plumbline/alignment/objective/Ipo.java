package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.data.UserError;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Identity preference optimisation (Azar et al. 2023, arXiv 2310.12036, Eq. 17): the margin is
 * regressed to a fixed value, so that it does not grow without bound.
 *
 * <pre>
 *   L = (h - 1 / (2 beta))^2                                           Eq. 17, {@code ipo}
 *   h = a_w / n_w - a_l / n_l, or a_w - a_l without averages
 * </pre>
 *
 * <p>Deviation: the paper sums over tokens; the default averages, as TRL does and says that the
 * authors confirmed, so that long responses need no larger margin. {@code average-log-ratio=false}
 * is the paper's form.
 *
 * @param beta the paper's tau, above 0: how strongly the policy is held to the reference; default
 *     {@link Dpo#DEFAULT_BETA}
 * @param averageLogRatio whether the log-ratios are means over tokens; default true
 */
public record Ipo(double beta, boolean averageLogRatio) implements ImplicitRewardLoss {

  /** Checks the range. */
  public Ipo {
    Hyperparameter.BETA.check(beta);
    if (beta == 0) {
      throw new UserError("beta must be > 0 for ipo, but is 0.0.");
    }
  }

  @Override
  public String name() {
    return "ipo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    double h = ratio(w) - ratio(l);
    return Math.pow(h - 1 / (2 * beta), 2); // Eq. 17
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    SDVariable a = batch.logRatio(); // [r, 1]
    SDVariable h = batch.difference(averageLogRatio ? batch.logProbs().perToken(a) : a); // [q, e]
    SDVariable off = h.sub(1 / (2 * beta));
    return off.mul(off); // Eq. 17
  }

  private double ratio(ScoredResponse y) {
    return averageLogRatio ? y.logRatio() / y.tokens() : y.logRatio();
  }

  @Override
  public double reward(ScoredResponse y) {
    return beta * ratio(y);
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    return List.of(
        Explanation.of("1 / (2 beta)", 1 / (2 * beta)),
        Explanation.of(
            "h",
            ratio(w) - ratio(l),
            Explanation.of(averageLogRatio ? "a_w / n_w" : "a_w", ratio(w)),
            Explanation.of(averageLogRatio ? "a_l / n_l" : "a_l", ratio(l))));
  }
}
