package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Conservative DPO (Mitchell 2023, "A note on DPO with noisy preferences"): a share of the labels
 * may be flipped, so that the margin is held finite instead of growing for ever.
 *
 * <pre>
 *   L = - (1 - eps) log sigma(beta h) - eps log sigma(-beta h)         {@code conservative-dpo}
 * </pre>
 *
 * <p>The least value lies at h = log((1 - eps)/eps) / beta. Not to be confused with cDPO of the
 * paper on critical tokens.
 *
 * @param strength beta, default 0.1
 * @param labelSmoothing eps, the share of flipped labels, 0 to below 0.5; default 0.1
 */
public record ConservativeDpo(double strength, double labelSmoothing) implements PairLoss {
  /** What the note tries. */
  public static final double DEFAULT_LABEL_SMOOTHING = 0.1;

  /** Checks the ranges. */
  public ConservativeDpo {
    Aft.checkBeta(strength);
    PairLoss.checkRange("label-smoothing", labelSmoothing, 0.5);
  }

  @Override
  public String name() {
    return "conservative-dpo";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    double x = strength * c.margin(w, l);
    return -(1 - labelSmoothing) * PairLoss.logSigmoid(x)
        - labelSmoothing * PairLoss.logSigmoid(-x);
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    SDVariable x = graph.margin().mul(strength); // [q, e]
    TokenLogProbs loss = graph.loss();
    return loss.negativeLogSigmoid(x)
        .mul(1 - labelSmoothing)
        .add(loss.negativeLogSigmoid(x.neg()).mul(labelSmoothing));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.logRatio(candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    return PairLoss.margin(c, w, l);
  }
}
