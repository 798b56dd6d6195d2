package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.data.UserError;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Direct preference optimisation (Rafailov et al. 2023, Eq. 7), with the AFT paper's constraints
 * added.
 *
 * <pre>
 *   L_DPO = - log sigma( beta [ log pi(y_w|x)/pi_ref(y_w|x) - log pi(y_l|x)/pi_ref(y_l|x) ] )      Eq. 7, {@code dpo}
 *   with DC  the same with D(log pi(y_l|x))                                                        {@code dpo-dc}
 *   with BC  L_DPO + lambda max(0, B_l - s(y_l)),   B_l = D(min_{m better than l} s_m) - margin    {@code dpo-bc}
 * </pre>
 *
 * <p>log pi(y|x) is the sum over the response's tokens, s its mean. A row of candidates gives the
 * mean over all pairs of different reward; the batch value is the mean over rows. The constrained
 * forms are inferred (AFT spec 5.6).
 *
 * @param strength the paper's beta, how strongly the policy is held to the reference; default 0.1
 *     (the paper's section 6)
 * @param constraint what bounds the push on the loser
 * @param beta margin of the boundary, as in {@link Aft}
 * @param constraintWeight lambda, default 1 (inferred)
 */
public record Dpo(double strength, Constraint constraint, double beta, double constraintWeight)
    implements PairLoss {
  /** The paper's section 6. */
  public static final double DEFAULT_BETA = 0.1;

  /** Inferred. */
  public static final double DEFAULT_CONSTRAINT_WEIGHT = 1;

  /** Checks the ranges. */
  public Dpo {
    Aft.checkBeta(strength);
    Aft.checkBeta(beta);
    if (!(constraintWeight >= 0) || Double.isInfinite(constraintWeight)) {
      throw new UserError(
          "constraint-weight is " + constraintWeight + ", and a number of 0 or more is needed.");
    }
  }

  /** The paper's loss. */
  public Dpo(double strength) {
    this(strength, Constraint.NONE, Aft.DEFAULT_BETA, DEFAULT_CONSTRAINT_WEIGHT);
  }

  @Override
  public String name() {
    return switch (constraint) {
      case NONE -> "dpo";
      case DETACHED -> "dpo-dc";
      case BOUNDARY -> "dpo-bc";
    };
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double pair(Candidates c, Candidates d, int w, int l) {
    double loser = (constraint == Constraint.DETACHED ? d : c).logRatio(l);
    double value = -PairLoss.logSigmoid(strength * (c.logRatio(w) - loser)); // Eq. 7
    return constraint == Constraint.BOUNDARY
        ? value + constraintWeight * Math.max(0, d.boundary(l, beta) - c.s()[l])
        : value;
  }

  @Override
  public SDVariable pair(PairBatch graph) {
    TokenLogProbs loss = graph.loss();
    SDVariable a = graph.logRatio(); // [r, 1]
    SDVariable loser = graph.worse(constraint == Constraint.DETACHED ? loss.detach(a) : a);
    SDVariable perPair =
        loss.negativeLogSigmoid(graph.better(a).sub(loser).mul(strength)); // Eq. 7 [q, e]
    if (constraint != Constraint.BOUNDARY) {
      return perPair;
    }
    SDVariable b = loss.detach(graph.boundary(beta));
    SDVariable below = loss.positivePart(graph.worse(b).sub(graph.worse(graph.s())));
    return perPair.add(below.mul(constraintWeight));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * c.logRatio(candidate);
  }

  @Override
  public List<Explanation> factors(Candidates c, int w, int l) {
    List<Explanation> factors = new ArrayList<>(PairLoss.margin(c, w, l));
    factors.add(0, Explanation.of("beta", strength));
    if (constraint == Constraint.BOUNDARY) {
      factors.add(Explanation.of("B_l", c.boundary(l, beta)));
      factors.add(Explanation.of("s(y_l)", c.s()[l]));
    }
    return factors;
  }
}
