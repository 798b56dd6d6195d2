package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Odds ratio preference optimisation (Hong et al. 2024, arXiv 2403.07691): likelihood of the chosen
 * response and the ratio of the odds, without a reference.
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

  /** Checks the ranges. */
  public Orpo {
    PairLoss.checkRange("odds-weight", oddsWeight, Double.POSITIVE_INFINITY);
  }

  @Override
  public String name() {
    return "orpo";
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    return -c.s()[w] - oddsWeight * PairLoss.logSigmoid(odds(c.s()[w]) - odds(c.s()[l]));
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    TokenLogProbs loss = graph.loss();
    SDVariable s = graph.s(); // [r, 1]
    SDVariable below = loss.positivePart(s.neg().sub(CERTAIN)).neg().sub(CERTAIN);
    SDVariable odds = below.sub(loss.sd().math().log(loss.sd().math().expm1(below).neg()));
    SDVariable ratio = graph.difference(odds); // [q, e]
    return loss.negativeLogSigmoid(ratio).mul(oddsWeight).sub(graph.better(s));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return c.s()[candidate];
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    return List.of(
        Explanation.of("s_w", c.s()[w]),
        Explanation.of("o_w", odds(c.s()[w])),
        Explanation.of("o_l", odds(c.s()[l])));
  }

  private static double odds(double s) {
    double below = Math.min(s, -CERTAIN);
    return below - Math.log(-Math.expm1(below));
  }
}
