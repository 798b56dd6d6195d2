package dev.plumbline.alignment.objective;

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
    implements PreferenceLoss {
  /** The paper's section 6. */
  public static final double DEFAULT_BETA = 0.1;

  /** Inferred. */
  public static final double DEFAULT_CONSTRAINT_WEIGHT = 1;

  private static final String REFERENCE_MARGIN = "dpo_reference_margin"; // [q, e]
  private static final String PAIR_WEIGHTS = "dpo_pair_weights"; // [q, e]: 1 / pairs of the row

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
  public Feedback feedback() {
    return Feedback.RANKING;
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public double value(Candidates c, Candidates d) {
    List<Candidates.Pair> pairs = c.pairs();
    double sum = 0;
    for (Candidates.Pair pair : pairs) {
      int w = pair.better();
      int l = pair.worse();
      double loser = logRatio(constraint == Constraint.DETACHED ? d : c, l);
      sum += -logSigmoid(strength * (logRatio(c, w) - loser)); // Eq. 7
      if (constraint == Constraint.BOUNDARY) {
        sum += constraintWeight * Math.max(0, d.boundary(l, beta) - c.s()[l]);
      }
    }
    return pairs.isEmpty() ? 0 : sum / pairs.size();
  }

  /** log pi(y|x) - log pi_ref(y|x). */
  private static double logRatio(Candidates c, int i) {
    return c.logPi()[i] - c.logRef()[i];
  }

  /** log sigma(x), stable for large |x|. */
  static double logSigmoid(double x) {
    return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
  }

  @Override
  public double reward(Candidates c, int candidate) {
    return strength * logRatio(c, candidate);
  }

  @Override
  public SDVariable build(PairGraph graph) {
    LossGraph loss = graph.loss();
    SDVariable logPi = loss.sums(); // [r, 1]
    SDVariable winner = graph.better(logPi); // [q, e]
    SDVariable loser = graph.worse(constraint == Constraint.DETACHED ? loss.detach(logPi) : logPi);
    SDVariable margin = winner.sub(loser).sub(loss.input(REFERENCE_MARGIN));
    SDVariable perPair = loss.negativeLogSigmoid(margin.mul(strength)); // Eq. 7
    if (constraint == Constraint.BOUNDARY) {
      SDVariable b = loss.detach(graph.boundary(beta));
      SDVariable below = loss.positivePart(graph.worse(b).sub(graph.worse(graph.s())));
      perPair = perPair.add(below.mul(constraintWeight));
    }
    return graph.sumOfPairs(perPair.mul(loss.input(PAIR_WEIGHTS)));
  }

  @Override
  public void feed(MicroBatch batch, Feed feed) {
    List<List<Candidates.Pair>> pairs = new ArrayList<>();
    for (Example example : batch.examples()) {
      pairs.add(Candidates.pairs(Candidates.quality(example, feedback())));
    }
    int q = pairs.size();
    int e = PairGraph.longest(pairs);
    float[] margins = new float[q * e];
    float[] weights = new float[q * e];
    for (int i = 0; i < q; i++) {
      int[] places = batch.examples().get(i).candidates();
      TokenScores reference = new TokenScores(batch.reference().get(i), null);
      for (int p = 0; p < pairs.get(i).size(); p++) {
        Candidates.Pair pair = pairs.get(i).get(p);
        margins[i * e + p] =
            (float)
                (reference.logPi(places[pair.better()]) - reference.logPi(places[pair.worse()]));
        weights[i * e + p] = 1f / pairs.get(i).size();
      }
    }
    feed.matrix(REFERENCE_MARGIN, margins, q, e);
    feed.matrix(PAIR_WEIGHTS, weights, q, e);
  }

  @Override
  public Explanation explain(Candidates c) {
    List<Explanation> factors = new ArrayList<>();
    factors.add(Explanation.of("beta", strength));
    for (Candidates.Pair pair : c.pairs()) {
      double winner = logRatio(c, pair.better());
      double loser = logRatio(c, pair.worse());
      factors.add(
          Explanation.of(
              "margin of candidate " + pair.better() + " over " + pair.worse(),
              winner - loser,
              ratio("log pi(y_w)/pi_ref(y_w)", c, pair.better()),
              ratio("log pi(y_l)/pi_ref(y_l)", c, pair.worse())));
    }
    if (constraint == Constraint.BOUNDARY) {
      factors.addAll(Aft.factors(c, constraint, beta));
    }
    return new Explanation("L (" + name() + "), the mean over pairs", value(c, c), factors);
  }

  private static Explanation ratio(String name, Candidates c, int i) {
    return Explanation.of(
        name,
        logRatio(c, i),
        Explanation.of("log pi", c.logPi()[i]),
        Explanation.of("log pi_ref", c.logRef()[i]));
  }
}
