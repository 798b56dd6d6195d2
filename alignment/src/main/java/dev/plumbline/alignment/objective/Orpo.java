package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Odds ratio preference optimisation (Hong et al. 2024, arXiv 2403.07691): the likelihood of the
 * chosen response plus the log odds ratio of the two responses, without a reference.
 *
 * <pre>
 *   L = - s_w + lambda [ - log sigma( o_w - o_l ) ]                     {@code orpo}
 *   o = log( p / (1 - p) ) = s - log(1 - exp(s)),  p = exp(s)
 * </pre>
 *
 * <p>TRL's likelihood also covers the prompt; the paper's does not. At p = 1 the odds are infinite:
 * s is held {@value #CERTAIN} below 0.
 *
 * @param oddsWeight lambda, default 0.1
 */
public record Orpo(double oddsWeight) implements PairLoss {
  /** The paper's section 5. */
  public static final double DEFAULT_ODDS_WEIGHT = 0.1;

  private static final double CERTAIN = 1e-6;

  /** Checks the range. */
  public Orpo {
    Hyperparameter.ODDS_WEIGHT.check(oddsWeight);
  }

  @Override
  public String name() {
    return "orpo";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return -w.s() - oddsWeight * PairLoss.logSigmoid(odds(w.s()) - odds(l.s()));
  }

  private static double odds(double s) {
    double below = Math.min(s, -CERTAIN);
    return below - Math.log(-Math.expm1(below));
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable s = batch.s(); // [r, 1]
    SDVariable below = logProbs.positivePart(s.neg().sub(CERTAIN)).neg().sub(CERTAIN);
    SDVariable odds = below.sub(logProbs.sd().math().log(logProbs.sd().math().expm1(below).neg()));
    SDVariable ratio = batch.difference(odds); // [q, e]
    return logProbs.negativeLogSigmoid(ratio).mul(oddsWeight).sub(batch.better(s));
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    return List.of(
        Explanation.of("s_w", w.s()),
        Explanation.of("o_w", odds(w.s())),
        Explanation.of("o_l", odds(l.s())));
  }
}
