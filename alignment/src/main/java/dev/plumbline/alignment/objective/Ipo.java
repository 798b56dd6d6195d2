package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.data.UserError;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Identity preference optimisation (Azar et al. 2023, arXiv 2310.12036, Eq. 17): the margin is
 * drawn to a fixed value instead of to infinity.
 *
 * <pre>
 *   L = (h - 1 / (2 tau))^2                                            Eq. 17, {@code ipo}
 *   h = a_w - a_l, or a_w / n_w - a_l / n_l with averages
 * </pre>
 *
 * <p>The paper sums over tokens. TRL averages, and says that the authors confirmed it, so that long
 * responses need no larger margin; the sum is a switch.
 *
 * @param tau how far the policy may go from the reference, above 0; default 0.1
 * @param average whether the log-ratios are means over tokens; default true
 */
public record Ipo(double tau, boolean average) implements PairLoss {

  /** Checks the ranges. */
  public Ipo {
    if (!(tau > 0) || Double.isInfinite(tau)) {
      throw new UserError("beta is " + tau + ", and ipo needs a number above 0.");
    }
  }

  @Override
  public String name() {
    return "ipo";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    double h = ratio(c, w) - ratio(c, l);
    return Math.pow(h - 1 / (2 * tau), 2); // Eq. 17
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    SDVariable a = average ? graph.loss().perToken(graph.logRatio()) : graph.logRatio();
    SDVariable off = graph.difference(a).sub(1 / (2 * tau)); // [q, e]
    return off.mul(off); // Eq. 17
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return tau * ratio(c, candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    return List.of(
        Explanation.of("1 / (2 tau)", 1 / (2 * tau)),
        Explanation.of(
            "h",
            ratio(c, w) - ratio(c, l),
            Explanation.of(average ? "a_w / n_w" : "a_w", ratio(c, w)),
            Explanation.of(average ? "a_l / n_l" : "a_l", ratio(c, l))));
  }

  private double ratio(Candidates c, int i) {
    return average ? c.logRatio(i) / c.tokens()[i] : c.logRatio(i);
  }
}
