package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Token-level DPO (Zeng et al. 2024, arXiv 2404.11999): DPO's margin less how far the policy has
 * moved away from the reference on the rejected response, compared with the chosen one.
 *
 * <pre>
 *   K   = sum_t KL( pi_ref(.|x, y_&lt;t) || pi(.|x, y_&lt;t) )           over the whole vocabulary
 *   L   = - log sigma( beta [ h - (K_l - K_w) ] )                       {@code tdpo1}
 *   L   = - log sigma( beta [ h - alpha (K_l - D(K_w)) ] )              {@code tdpo2}
 * </pre>
 *
 * <p>The reference runs beside the policy in every step, since its whole distributions are too
 * large to keep.
 *
 * @param strength beta, default 0.1
 * @param klWeight alpha, 1 in the first form and 0.5 by default in the second
 * @param detachChosen whether K_w has no gradient, as in the second form
 */
public record Tdpo(double strength, double klWeight, boolean detachChosen) implements PairLoss {
  /** The first form has no alpha. */
  public static final double WEIGHT_1 = 1;

  /** The default of the authors' code. */
  public static final double WEIGHT_2 = 0.5;

  /** Checks the ranges. */
  public Tdpo {
    Aft.checkBeta(strength);
    PairLoss.checkRange("kl-weight", klWeight, Double.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return detachChosen ? "tdpo2" : "tdpo1";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public boolean needsDistribution() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    double chosen = (detachChosen ? d : c).kl()[w];
    double x = c.margin(w, l) - klWeight * (c.kl()[l] - chosen);
    return -PairLoss.logSigmoid(strength * x);
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    TokenLogProbs loss = graph.loss();
    SDVariable kl = loss.sequentialKl(); // [r, 1]
    SDVariable chosen = graph.better(detachChosen ? loss.detach(kl) : kl); // [q, e]
    SDVariable x = graph.margin().sub(graph.worse(kl).sub(chosen).mul(klWeight));
    return loss.negativeLogSigmoid(x.mul(strength));
  }

  /** beta (a + K), as the authors' code logs it. */
  @Override
  public double reward(Candidates c, int candidate) {
    return strength * (c.logRatio(candidate) + c.kl()[candidate]);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    List<Explanation> factors = new ArrayList<>(PairLoss.margin(c, w, l));
    factors.add(Explanation.of("beta", strength));
    factors.add(Explanation.of("alpha", klWeight));
    factors.add(Explanation.of("K_w", c.kl()[w]));
    factors.add(Explanation.of("K_l", c.kl()[l]));
    return factors;
  }
}
