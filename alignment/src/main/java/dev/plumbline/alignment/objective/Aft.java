package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.data.UserError;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Alignment fine-tuning (Wang et al. 2023, section 4). With s the mean log-probability of a
 * response's tokens and i over j a pair of candidates of which i is the better one: for binary
 * feedback every right one p over every wrong one n,
 *
 * <pre>
 *   L_A   = log(1 + sum_p sum_n exp(s_n - s_p))                                    Eq. 6, {@code aft-none}
 *   L_DC  = log(1 + sum_p sum_n exp(D(s_n) - s_p))                                 Eq. 7, {@code aft-dc}
 *   L_BC  = log(1 + sum_p sum_n [exp(s_n - s_p) + exp(T_p - s_n)])                 Eq. 8, {@code aft-bc}
 *           B = min_p s_p - beta,  T_p = 2 B - s_p                                 Eq. 9
 * </pre>
 *
 * and for ranking feedback the same over all pairs of different quality (spec section 4, inferred):
 *
 * <pre>
 *   L_RA  = log(1 + sum_ij exp(s_j - s_i))                                         {@code aft-ra}
 *   L_RDC = log(1 + sum_ij exp(D(s_j) - s_i))                                      {@code aft-rdc}
 *   L_RBC = log(1 + sum_ij [exp(s_j - s_i) + exp(T_ij - s_j)])                     {@code aft-rbc}
 *           B_j = min_{m over j} s_m - beta,  T_ij = 2 B_j - s_i
 * </pre>
 *
 * <p>With two levels of quality the second form is the first. D stops the gradient. A question
 * without a pair contributes log 1 = 0.
 *
 * @param feedback what the pairs come from
 * @param constraint what keeps worse candidates from being pushed down without end
 * @param beta margin of the boundary; only {@link Constraint#BOUNDARY} uses it
 * @param detachBoundary whether T and B are constants, default true (inferred): a live T pushes the
 *     worst right candidate down
 */
public record Aft(Feedback feedback, Constraint constraint, double beta, boolean detachBoundary)
    implements PreferenceLoss {

  /** Tuned on validation data in the paper; from the middle of the grid of spec 6.6. */
  public static final double DEFAULT_BETA = 0.15;

  /** Checks the ranges. */
  public Aft {
    checkBeta(beta);
  }

  /** The paper's binary form with this specification's defaults. */
  public static Aft of(Constraint constraint, double beta) {
    return new Aft(Feedback.BINARY, constraint, beta, true);
  }

  /** The ranking form with this specification's defaults. */
  public static Aft ranking(Constraint constraint, double beta) {
    return new Aft(Feedback.RANKING, constraint, beta, true);
  }

  static void checkBeta(double beta) {
    if (!(beta >= 0) || Double.isInfinite(beta)) {
      throw new UserError("beta is " + beta + ", and a number of 0 or more is needed.");
    }
  }

  @Override
  public String name() {
    String ranking = feedback == Feedback.RANKING ? "r" : "";
    return switch (constraint) {
      case NONE -> ranking.isEmpty() ? "aft-none" : "aft-ra";
      case DETACHED -> "aft-" + ranking + "dc";
      case BOUNDARY -> "aft-" + ranking + "bc";
    };
  }

  @Override
  public double value(Candidates c, Candidates d) {
    double sum = 0;
    for (Candidates.Pair pair : c.pairs()) {
      int i = pair.better();
      int j = pair.worse();
      double sj = constraint == Constraint.DETACHED ? d.s()[j] : c.s()[j];
      sum += Math.exp(sj - c.s()[i]); // Eq. 6, Eq. 7
      if (constraint == Constraint.BOUNDARY) {
        sum += Math.exp(target(detachBoundary ? d : c, i, j) - c.s()[j]); // Eq. 8
      }
    }
    return Math.log1p(sum);
  }

  /** T_ij = 2 B_j - s_i, Eq. 9. */
  private double target(Candidates c, int i, int j) {
    return 2 * c.boundary(j, beta) - c.s()[i];
  }

  @Override
  public SDVariable build(PairBatch graph) {
    TokenLogProbs loss = graph.loss();
    SDVariable s = graph.s(); // [r, 1]
    SDVariable si = graph.better(s); // [q, e]
    SDVariable sj = graph.worse(constraint == Constraint.DETACHED ? loss.detach(s) : s);
    SDVariable exponents = sj.sub(si); // Eq. 6, Eq. 7
    if (constraint != Constraint.BOUNDARY) {
      return loss.logOnePlusSumExp(exponents, graph.mask());
    }
    SDVariable b = graph.worse(graph.boundary(beta)); // B_j [q, e]
    SDVariable t = b.mul(2).sub(si); // Eq. 9
    SDVariable constraintTerm = (detachBoundary ? loss.detach(t) : t).sub(sj); // T_ij - s_j
    return loss.logOnePlusSumExp( // Eq. 8
        loss.sd().concat(1, exponents, constraintTerm),
        loss.sd().concat(1, graph.mask(), graph.mask()));
  }

  @Override
  public Explanation explain(Candidates c) {
    return new Explanation("L (" + name() + ")", value(c, c), factors(c, constraint, beta));
  }

  /** The scores, and the boundary of each candidate that has a better one. */
  static List<Explanation> factors(Candidates c, Constraint constraint, double beta) {
    List<Explanation> factors = new ArrayList<>();
    if (constraint == Constraint.BOUNDARY) {
      factors.add(Explanation.of("beta", beta));
    }
    for (int i = 0; i < c.size(); i++) {
      String name = "s[" + i + "], quality " + c.quality()[i];
      double b = c.boundary(i, beta);
      factors.add(
          constraint == Constraint.BOUNDARY && Double.isFinite(b)
              ? Explanation.of(name, c.s()[i], Explanation.of("B = min_{better} s - beta", b))
              : Explanation.of(name, c.s()[i]));
    }
    return factors;
  }
}
