package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * DPO-positive (Smaug; Pal et al. 2024, arXiv 2402.13228): a penalty where the chosen response has
 * become less likely than under the reference, which DPO's margin alone allows.
 *
 * <pre>
 *   L = - log sigma( beta [ h - lambda max(0, -a_w) ] )                 {@code dpo-positive}
 * </pre>
 *
 * @param strength beta, default 0.1
 * @param positiveWeight lambda, default 50 (from memory of the paper, not read again)
 */
public record DpoPositive(double strength, double positiveWeight) implements PairLoss {
  /** The paper's. */
  public static final double DEFAULT_POSITIVE_WEIGHT = 50;

  /** Checks the ranges. */
  public DpoPositive {
    Aft.checkBeta(strength);
    PairLoss.checkRange("positive-weight", positiveWeight, Double.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return "dpo-positive";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    double penalty = positiveWeight * Math.max(0, -c.logRatio(w));
    return -PairLoss.logSigmoid(strength * (c.margin(w, l) - penalty));
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    SDVariable a = graph.logRatio();
    SDVariable winner = graph.better(a); // [q, e]
    TokenLogProbs loss = graph.loss();
    SDVariable penalty = loss.positivePart(winner.neg()).mul(positiveWeight);
    SDVariable margin = winner.sub(graph.worse(a)).sub(penalty);
    return loss.negativeLogSigmoid(margin.mul(strength));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.logRatio(candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    List<Explanation> factors = new ArrayList<>(PairLoss.margin(c, w, l));
    factors.add(Explanation.of("max(0, -a_w)", Math.max(0, -c.logRatio(w))));
    return factors;
  }
}
