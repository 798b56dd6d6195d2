package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.data.UserError;
import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Rank responses to align (RRHF; Yuan et al. 2023, arXiv 2304.05302, Eq. 2), with the AFT paper's
 * constraints added. With s_i the length-penalised log-probability of candidate i and r its reward,
 *
 * <pre>
 *   s_i    = sum_t log P(y_t) / |y|^a
 *   L_rank = sum_{r_i &lt; r_j} max(0, s_i - s_j)                                  RRHF, Eq. 2, {@code rrhf}
 *   with DC  sum_{r_i &lt; r_j} max(0, D(s_i) - s_j)                               {@code rrhf-dc}
 *   with BC  sum_{r_i &lt; r_j} [max(0, s_i - s_j) + max(0, B_i - s_i)]            {@code rrhf-bc}
 *            B_i = D(min_{m better than i} s_m) - beta
 * </pre>
 *
 * <p>A sum over pairs, no margin; equal scores have no gradient. The constrained forms are inferred
 * (AFT spec 5.6). The paper adds L_sft of the best candidate with weight 1 ({@code vft-weight=1}).
 *
 * @param constraint what bounds the push on the worse candidate
 * @param beta margin of the boundary
 * @param lengthPenalty a, default 1 (the code's)
 */
public record Rrhf(Constraint constraint, double beta, double lengthPenalty)
    implements PreferenceLoss {
  /** The code's default (GanjinZero/RRHF). */
  public static final double DEFAULT_LENGTH_PENALTY = 1;

  /** Checks the ranges. */
  public Rrhf {
    Aft.checkBeta(beta);
    if (!Double.isFinite(lengthPenalty)) {
      throw new UserError(
          "length-penalty is " + lengthPenalty + ", and a finite number is needed.");
    }
  }

  @Override
  public String name() {
    return switch (constraint) {
      case NONE -> "rrhf";
      case DETACHED -> "rrhf-dc";
      case BOUNDARY -> "rrhf-bc";
    };
  }

  @Override
  public Feedback feedback() {
    return Feedback.RANKING;
  }

  @Override
  public double value(Candidates c, Candidates d) {
    double[] s = scores(c);
    double[] worse = constraint == Constraint.DETACHED ? scores(d) : s;
    double sum = 0;
    for (Candidates.Pair pair : c.pairs()) {
      sum += Math.max(0, worse[pair.worse()] - s[pair.better()]);
      if (constraint == Constraint.BOUNDARY) {
        sum += Math.max(0, d.boundary(pair.worse(), beta) - c.s()[pair.worse()]);
      }
    }
    return sum;
  }

  private double[] scores(Candidates c) {
    double[] s = new double[c.size()];
    Arrays.setAll(s, i -> c.logPi()[i] / Math.pow(c.tokens()[i], lengthPenalty));
    return s;
  }

  @Override
  public SDVariable build(PairBatch graph) {
    TokenLogProbs loss = graph.loss();
    SDVariable s = loss.penalised(lengthPenalty); // [r, 1]
    SDVariable worse = graph.worse(constraint == Constraint.DETACHED ? loss.detach(s) : s);
    SDVariable perPair = loss.positivePart(worse.sub(graph.better(s))); // [q, e]
    if (constraint == Constraint.BOUNDARY) {
      SDVariable b = loss.detach(graph.boundary(beta)); // [r, 1]
      perPair = perPair.add(loss.positivePart(graph.worse(b).sub(graph.worse(graph.s()))));
    }
    return graph.sumOfPairs(perPair);
  }

  @Override
  public Explanation explain(Candidates c) {
    return new Explanation(
        "L_rank (" + name() + ")", value(c, c), Aft.factors(c, constraint, beta));
  }
}
