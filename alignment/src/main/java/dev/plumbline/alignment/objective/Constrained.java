package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Another paper's loss with one of AFT's constraints (Wang et al. 2023, section 4) on the gradient
 * that lowers the rejected candidates. With D the stopped gradient and B the boundary,
 *
 * <pre>
 *   DC   the loss with D(y_l) in place of y_l                                  {@code rrhf-dc, pro-dc, dpo-dc}
 *   BC   of a pair loss:  L + lambda max(0, B_l - s_l)                         {@code rrhf-bc, dpo-bc}
 *        of PRO:          exp(t_i (2 B_i - s_i)) added inside each log         {@code pro-bc}
 *        B_l = D(min_{m better than l} s_m) - margin
 * </pre>
 *
 * <p>The AFT paper reports these combinations without their equations: the forms are inferred (I).
 *
 * @param loss the loss as its paper writes it, a {@link PairLoss} or {@link Pro}
 * @param constraint DETACHED or BOUNDARY
 * @param boundaryMargin how far below the lowest-scoring better candidate the boundary lies; read
 *     by BOUNDARY
 * @param weight lambda; read by BOUNDARY of a pair loss
 */
public record Constrained(
    PreferenceLoss loss, Constraint constraint, double boundaryMargin, double weight)
    implements PreferenceLoss {
  /** Inferred (I). */
  public static final double DEFAULT_WEIGHT = 1;

  /** Checks the ranges. */
  public Constrained {
    Hyperparameter.BOUNDARY_MARGIN.check(boundaryMargin);
    Hyperparameter.CONSTRAINT_WEIGHT.check(weight);
    if (constraint == Constraint.NONE || !(loss instanceof PairLoss || loss instanceof Pro)) {
      throw new IllegalArgumentException(constraint + " of " + loss);
    }
  }

  /** A loss with a constraint at the default margin and weight; the loss itself without one. */
  public static PreferenceLoss of(PreferenceLoss loss, Constraint constraint, double margin) {
    return constraint == Constraint.NONE
        ? loss
        : new Constrained(loss, constraint, margin, DEFAULT_WEIGHT);
  }

  @Override
  public String name() {
    return loss.name() + (constraint == Constraint.DETACHED ? "-dc" : "-bc");
  }

  @Override
  public double value(Candidates c) {
    if (loss instanceof Pro pro) {
      return Arrays.stream(proTerms(pro, c)).sum();
    }
    PairLoss ofPair = (PairLoss) loss;
    return ofPair.overPairs(c, (w, l) -> pair(ofPair, c, w, l));
  }

  private double pair(PairLoss ofPair, Candidates c, ScoredResponse w, ScoredResponse l) {
    return constraint == Constraint.DETACHED
        ? ofPair.pair(w, l.detached())
        : ofPair.pair(w, l) + weight * Math.max(0, boundary(c, l) - l.s());
  }

  /** B_l, without a gradient. */
  private double boundary(Candidates c, ScoredResponse l) {
    return c.detached().boundary(l, boundaryMargin);
  }

  private double[] proTerms(Pro pro, Candidates c) {
    return constraint == Constraint.DETACHED
        ? pro.terms(c, c.detached(), null)
        : pro.terms(c, c, i -> c.detached().boundary(i, boundaryMargin));
  }

  @Override
  public SDVariable build(PairBatch batch) {
    if (constraint == Constraint.DETACHED) {
      return loss.build(batch.detachingWorse());
    }
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable boundary = logProbs.detach(batch.boundary(boundaryMargin)); // B [r, 1]
    if (loss instanceof Pro pro) {
      return pro.build(batch, boundary);
    }
    PairLoss ofPair = (PairLoss) loss;
    SDVariable below =
        logProbs.positivePart(batch.worse(boundary).sub(batch.worse(batch.s()))); // [q, e]
    return ofPair.overPairs(batch, ofPair.pair(batch).add(below.mul(weight)));
  }

  @Override
  public Explanation explain(Candidates c) {
    if (loss instanceof Pro pro) {
      return pro.explain(c, name(), proTerms(pro, c));
    }
    PairLoss ofPair = (PairLoss) loss;
    List<Explanation> pairs = new ArrayList<>();
    for (Candidates.Pair p : c.pairs()) {
      ScoredResponse w = c.get(p.better());
      ScoredResponse l = c.get(p.worse());
      List<Explanation> factors = new ArrayList<>(ofPair.factors(w, l));
      if (constraint == Constraint.BOUNDARY) {
        factors.add(Explanation.of("B_l", boundary(c, l)));
        factors.add(Explanation.of("s_l", l.s()));
      }
      pairs.add(new Explanation(PairLoss.title(p), pair(ofPair, c, w, l), factors));
    }
    return new Explanation(PairLoss.title(name(), ofPair.sumsPairs()), value(c), pairs);
  }

  @Override
  public void feed(MicroBatch batch, Placeholders placeholders) {
    loss.feed(batch, placeholders);
  }

  @Override
  public Feedback feedback() {
    return loss.feedback();
  }

  @Override
  public boolean needsReference() {
    return loss.needsReference();
  }

  @Override
  public boolean needsDistribution() {
    return loss.needsDistribution();
  }

  @Override
  public boolean firstStepOnly() {
    return loss.firstStepOnly();
  }

  @Override
  public double reward(ScoredResponse y) {
    return loss.reward(y);
  }
}
