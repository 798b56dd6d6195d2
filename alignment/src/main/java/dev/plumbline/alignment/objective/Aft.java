package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Alignment fine-tuning (AFT; Wang et al. 2023, arXiv 2309.02144, section 4; equations and their
 * numbers from secondary sources, M): raise the scores of correct candidates above those of wrong
 * ones, and keep the wrong ones from being lowered without limit. With s the mean log-probability
 * of a response's tokens and i over j a pair of candidates of which i is better (for binary
 * feedback every correct one p over every wrong one n),
 *
 * <pre>
 *   L_A   = log(1 + sum_p sum_n exp(s_n - s_p))                                    Eq. 6, {@code aft-none}
 *   L_DC  = log(1 + sum_p sum_n exp(D(s_n) - s_p))                                 Eq. 7, {@code aft-dc}
 *   L_BC  = log(1 + sum_p sum_n [exp(s_n - s_p) + exp(T_p - s_n)])                 Eq. 8, {@code aft-bc}
 *           B = min_p s_p - beta,  T_p = 2 B - s_p                                 Eq. 9
 * </pre>
 *
 * <p>T_p is chosen so that the gradient of s_n vanishes at s_n = B: above B a wrong candidate is
 * lowered, below B it is raised. For ranking feedback the same over all pairs of different reward;
 * these forms are inferred (I):
 *
 * <pre>
 *   L_RA  = log(1 + sum_ij exp(s_j - s_i))                                         {@code aft-ra}
 *   L_RDC = log(1 + sum_ij exp(D(s_j) - s_i))                                      {@code aft-rdc}
 *   L_RBC = log(1 + sum_ij [exp(s_j - s_i) + exp(T_ij - s_j)])                     {@code aft-rbc}
 *           B_j = min_{m over j} s_m - beta,  T_ij = 2 B_j - s_i
 * </pre>
 *
 * <p>With two levels of reward the second form equals the first. D stops the gradient. A question
 * without a pair contributes log 1 = 0.
 *
 * @param feedback what the pairs come from
 * @param constraint how the gradient that lowers worse candidates is limited
 * @param boundaryMargin the paper's beta: how far below the lowest-scoring correct candidate the
 *     boundary lies; only {@link Constraint#BOUNDARY} uses it
 * @param detachBoundary whether T and B are constants, default true (I): a gradient through T would
 *     lower the lowest-scoring correct candidate
 */
public record Aft(
    Feedback feedback, Constraint constraint, double boundaryMargin, boolean detachBoundary)
    implements PreferenceLoss {

  /** The paper tunes it on validation data; this is the middle of our grid (I). */
  public static final double DEFAULT_BOUNDARY_MARGIN = 0.15;

  /** Checks the range. */
  public Aft {
    Hyperparameter.BOUNDARY_MARGIN.check(boundaryMargin);
  }

  /** The paper's binary form. */
  public static Aft of(Constraint constraint, double boundaryMargin) {
    return new Aft(Feedback.BINARY, constraint, boundaryMargin, true);
  }

  /** The ranking form. */
  public static Aft ranking(Constraint constraint, double boundaryMargin) {
    return new Aft(Feedback.RANKING, constraint, boundaryMargin, true);
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
  public double value(Candidates c) {
    double sum = 0;
    for (Candidates.Pair pair : c.pairs()) {
      int i = pair.better();
      int j = pair.worse();
      double sj = (constraint == Constraint.DETACHED ? c.get(j).detached() : c.get(j)).s();
      sum += Math.exp(sj - c.s(i)); // Eq. 6, Eq. 7
      if (constraint == Constraint.BOUNDARY) {
        sum += Math.exp(target(detachBoundary ? c.detached() : c, i, j) - c.s(j)); // Eq. 8
      }
    }
    return Math.log1p(sum);
  }

  /** T_ij = 2 B_j - s_i, Eq. 9. */
  private double target(Candidates c, int i, int j) {
    return 2 * c.boundary(j, boundaryMargin) - c.s(i);
  }

  @Override
  public SDVariable build(PairBatch batch) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable s = batch.s(); // [r, 1]
    SDVariable si = batch.better(s); // [q, e]
    SDVariable sj = batch.worse(constraint == Constraint.DETACHED ? logProbs.detach(s) : s);
    SDVariable exponents = sj.sub(si); // Eq. 6, Eq. 7
    if (constraint != Constraint.BOUNDARY) {
      return logProbs.logOnePlusSumExp(exponents, batch.mask());
    }
    SDVariable b = batch.worse(batch.boundary(boundaryMargin)); // B_j [q, e]
    SDVariable t = b.mul(2).sub(si); // Eq. 9
    SDVariable constraintTerm = (detachBoundary ? logProbs.detach(t) : t).sub(sj); // T_ij - s_j
    return logProbs.logOnePlusSumExp( // Eq. 8
        logProbs.sd().concat(1, exponents, constraintTerm),
        logProbs.sd().concat(1, batch.mask(), batch.mask()));
  }

  /** The scores, and the boundary of each candidate that has a better one. */
  @Override
  public Explanation explain(Candidates c) {
    List<Explanation> factors = new ArrayList<>();
    if (constraint == Constraint.BOUNDARY) {
      factors.add(Explanation.of("beta", boundaryMargin));
    }
    for (int i = 0; i < c.size(); i++) {
      String name = "s[" + i + "], quality " + c.get(i).quality();
      double b = c.boundary(i, boundaryMargin);
      factors.add(
          constraint == Constraint.BOUNDARY && Double.isFinite(b)
              ? Explanation.of(name, c.s(i), Explanation.of("B = min_{better} s - beta", b))
              : Explanation.of(name, c.s(i)));
    }
    return new Explanation("L (" + name() + ")", value(c), factors);
  }
}
