package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Rank responses to align human feedback (RRHF; Yuan et al. 2023, arXiv 2304.05302, Eq. 2): a hinge
 * on every pair that the model scores in the wrong order. With p_i the length-penalised
 * log-probability of candidate i and r its reward,
 *
 * <pre>
 *   p_i    = sum_t log P(y_t) / |y|^a
 *   L_rank = sum_{r_l &lt; r_w} max(0, p_l - p_w)                                  Eq. 2, {@code rrhf}
 * </pre>
 *
 * <p>The sum over pairs of different reward, without a margin; equal scores have no gradient. The
 * paper adds the negative log-likelihood of the best candidate with weight 1 ({@code
 * vft-weight=1}).
 *
 * @param lengthPenalty a, default 1
 */
public record Rrhf(double lengthPenalty) implements PairLoss {
  /** The default of the authors' code (C). */
  public static final double DEFAULT_LENGTH_PENALTY = 1;

  /** Checks the range. */
  public Rrhf {
    Hyperparameter.LENGTH_PENALTY.check(lengthPenalty);
  }

  @Override
  public String name() {
    return "rrhf";
  }

  @Override
  public boolean sumsPairs() {
    return true;
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    return Math.max(0, penalised(l) - penalised(w)); // Eq. 2
  }

  private double penalised(ScoredResponse y) {
    return y.logPi() / Math.pow(y.tokens(), lengthPenalty);
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable p = logProbs.penalised(lengthPenalty); // [r, 1]
    return logProbs.positivePart(batch.worse(p).sub(batch.better(p))); // Eq. 2 [q, e]
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    return List.of(Explanation.of("p_w", penalised(w)), Explanation.of("p_l", penalised(l)));
  }
}
