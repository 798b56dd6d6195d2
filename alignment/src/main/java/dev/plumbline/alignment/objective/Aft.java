package dev.plumbline.alignment.objective;

import dev.plumbline.data.Candidate;
import dev.plumbline.data.CandidateGroup;
import dev.plumbline.data.TrainingRow;
import dev.plumbline.data.UserError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Alignment fine-tuning on right and wrong candidates (Wang et al. 2023, section 4). With s the
 * mean log-probability of a response's tokens, GP the right and GN the wrong candidates of a
 * question:
 *
 * <pre>
 *   L_A   = log(1 + sum_p sum_n exp(s_n - s_p))                                    Eq. 6, {@code aft-none}
 *   L_DC  = log(1 + sum_p sum_n exp(D(s_n) - s_p))                                 Eq. 7, {@code aft-dc}
 *   L_BC  = log(1 + sum_p sum_n [exp(s_n - s_p) + exp(T_p - s_n)])                 Eq. 8, {@code aft-bc}
 *           B = min_p s_p - beta,  T_p = 2 B - s_p                                 Eq. 9
 *   L_AFT = vftWeight * L_VFT + alignWeight * L
 * </pre>
 *
 * <p>D stops the gradient. A question whose GP or GN is empty contributes L_VFT only. The batch
 * value is the mean over questions for L and the mean over reference tokens for L_VFT.
 *
 * @param constraint what keeps wrong candidates from being pushed down without end
 * @param beta margin of the boundary below the worst right candidate; only {@link
 *     Constraint#BOUNDARY} uses it
 * @param alignWeight weight of the alignment term, default 1 (inferred)
 * @param vftWeight weight of L_VFT on the reference: 1 is the paper's L_AFT, and what our
 *     experiments use; the commands default to 0, the alignment term alone, which is what an
 *     objective's name denotes and what the stored reference figures hold
 * @param detachBoundary whether T and B are constants, default true (inferred): a live T pushes the
 *     worst right candidate down
 */
public record Aft(
    Constraint constraint,
    double beta,
    double alignWeight,
    double vftWeight,
    boolean detachBoundary)
    implements Objective {

  /** What bounds the push on wrong candidates. */
  public enum Constraint {
    /** Nothing. */
    NONE("aft-none"),
    /** They get no gradient. */
    DETACHED("aft-dc"),
    /** They are held at the boundary B. */
    BOUNDARY("aft-bc");

    private final String label;

    Constraint(String label) {
      this.label = label;
    }
  }

  /** Tuned on validation data in the paper; the middle of the grid of spec 6.6. */
  public static final double DEFAULT_BETA = 0.15;

  private static final String POSITIVE =
      "aft_positive"; // [q * e] index of the pair's right candidate
  private static final String NEGATIVE = "aft_negative"; // [q * e] index of its wrong candidate
  private static final String PAIRS = "aft_pairs"; // [q, e]: 1 where there is a pair
  private static final String GROUP = "aft_group"; // [q * g] indices of the right candidates
  private static final String GROUP_GAP =
      "aft_group_gap"; // [q, g]: 0 where there is one, 1e9 elsewhere
  private static final String QUESTION_WEIGHTS =
      "aft_question_weights"; // [q, 1]: 1 / (questions of the step)
  private static final Vft VFT = new Vft();

  /** Checks the ranges. */
  public Aft {
    if (!(beta >= 0) || Double.isInfinite(beta)) {
      throw new UserError("beta is " + beta + ", and a number of 0 or more is needed.");
    }
  }

  /** The paper's objective with this specification's defaults. */
  public static Aft of(Constraint constraint, double beta) {
    return new Aft(constraint, beta, 1, 1, true);
  }

  @Override
  public String name() {
    return constraint.label;
  }

  @Override
  public boolean needsReference() {
    return false;
  }

  @Override
  public Example example(TrainingRow row, RowEncoder encoder) {
    if (!(row instanceof CandidateGroup group)) {
      throw new UserError(name() + " needs rows with 'prompt', 'reference' and 'candidates'.");
    }
    List<Response> responses = new ArrayList<>();
    if (vftWeight != 0) {
      if (group.reference() == null) {
        throw new UserError(
            "A candidates row has no 'reference', which "
                + name()
                + " trains on with vft-weight "
                + vftWeight
                + ".");
      }
      responses.add(Response.of(encoder.response(group.reference()), Role.REFERENCE));
    }
    for (Candidate c : group.candidates()) {
      responses.add(
          new Response(
              encoder.response(c.response()),
              c.correct() ? Role.POSITIVE : Role.NEGATIVE,
              c.reward(),
              null));
    }
    return new Example(encoder.prompt(group.prompt()), responses);
  }

  /** The alignment term of one question from the scores of its right and wrong candidates. */
  public double alignment(double[] sp, double[] sn) {
    double b = boundary(sp);
    double sum = 0;
    for (double p : sp) {
      for (double n : sn) {
        sum += Math.exp(n - p); // Eq. 6; Eq. 7 has the same value
        if (constraint == Constraint.BOUNDARY) {
          sum += Math.exp(2 * b - p - n); // Eq. 8 with T_p = 2 B - s_p
        }
      }
    }
    return Math.log1p(sum);
  }

  /** B = min_p s_p - beta; positive infinity when there is no right candidate. */
  public double boundary(double[] sp) {
    double worst = Double.POSITIVE_INFINITY;
    for (double p : sp) {
      worst = Math.min(worst, p);
    }
    return worst - beta;
  }

  @Override
  public double value(List<Example> batch, List<TokenScores> scores) {
    double alignment = 0;
    for (int q = 0; q < batch.size(); q++) {
      alignment +=
          alignment(
              pick(batch.get(q), scores.get(q), Role.POSITIVE),
              pick(batch.get(q), scores.get(q), Role.NEGATIVE));
    }
    return vftWeight * VFT.value(batch, scores) + alignWeight * alignment / batch.size();
  }

  private static double[] pick(Example example, TokenScores scores, Role role) {
    int[] indices = example.indices(role);
    double[] picked = new double[indices.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = scores.s(indices[i]);
    }
    return picked;
  }

  @Override
  public SDVariable build(LossGraph graph) {
    SDVariable s = graph.means(); // [r, 1]
    SDVariable pairs = graph.input(PAIRS); // [q, e]
    SDVariable sp = graph.pick(s, POSITIVE, pairs);
    SDVariable sn =
        graph.pick(constraint == Constraint.DETACHED ? graph.detach(s) : s, NEGATIVE, pairs);
    SDVariable exponents = sn.sub(sp); // Eq. 6 and 7
    SDVariable mask = pairs;
    if (constraint == Constraint.BOUNDARY) {
      SDVariable constraintTerm = boundaryTarget(graph, s, sp).sub(sn); // T_p - s_n
      exponents = graph.sd().concat(1, exponents, constraintTerm); // Eq. 8
      mask = graph.sd().concat(1, pairs, pairs);
    }
    SDVariable alignment = graph.logOnePlusSumExp(exponents, mask); // [q, 1]
    SDVariable loss = alignment.mul(graph.input(QUESTION_WEIGHTS)).sum().mul(alignWeight);
    return vftWeight == 0 ? loss : loss.add(VFT.build(graph).mul(vftWeight));
  }

  /** T_p = 2 B - s_p, Eq. 9 [q, e]. */
  private SDVariable boundaryTarget(LossGraph graph, SDVariable s, SDVariable sp) {
    SDVariable gap = graph.input(GROUP_GAP);
    SDVariable worst = graph.sd().min(graph.pick(s, GROUP, gap).add(gap), true, 1); // s_p* [q, 1]
    SDVariable b = worst.sub(beta);
    SDVariable t = sp.neg().add(b.mul(2));
    return detachBoundary ? graph.detach(t) : t;
  }

  @Override
  public void feed(MicroBatch batch, Feed feed) {
    int q = batch.examples().size();
    int e =
        batch.examples().stream()
            .mapToInt(x -> x.indices(Role.POSITIVE).length * x.indices(Role.NEGATIVE).length)
            .max()
            .orElse(0);
    int g =
        batch.examples().stream().mapToInt(x -> x.indices(Role.POSITIVE).length).max().orElse(0);
    e = Math.max(2, e); // ND4J fails on a reduction over a dimension of size 1
    g = Math.max(2, g);
    int[] positive = new int[q * e];
    int[] negative = new int[q * e];
    float[] pairs = new float[q * e];
    int[] group = new int[q * g];
    float[] gap = new float[q * g];
    float[] weights = new float[q];
    int offset = 0;
    for (int i = 0; i < q; i++) {
      Example example = batch.examples().get(i);
      int[] gp = example.indices(Role.POSITIVE);
      int[] gn = example.indices(Role.NEGATIVE);
      int pair = i * e;
      for (int p : gp) {
        for (int n : gn) {
          positive[pair] = offset + p;
          negative[pair] = offset + n;
          pairs[pair++] = 1f;
        }
      }
      for (int j = 0; j < g; j++) {
        group[i * g + j] = j < gp.length ? offset + gp[j] : 0;
        gap[i * g + j] = j < gp.length || gp.length == 0 ? 0f : 1e9f;
      }
      weights[i] = 1f / batch.stepExamples();
      offset += example.responses().size();
    }
    feed.indices(POSITIVE, positive);
    feed.indices(NEGATIVE, negative);
    feed.matrix(PAIRS, pairs, q, e);
    if (constraint == Constraint.BOUNDARY) {
      feed.indices(GROUP, group);
      feed.matrix(GROUP_GAP, gap, q, g);
    }
    feed.matrix(QUESTION_WEIGHTS, weights, q, 1);
    if (vftWeight != 0) {
      VFT.feed(batch, feed);
    }
  }

  @Override
  public Explanation explain(Example example, TokenScores scores) {
    double[] sp = pick(example, scores, Role.POSITIVE);
    double[] sn = pick(example, scores, Role.NEGATIVE);
    List<Explanation> factors = new ArrayList<>();
    if (constraint == Constraint.BOUNDARY && sp.length > 0) {
      factors.add(
          Explanation.of("B = min_p s_p - beta", boundary(sp), Explanation.of("beta", beta)));
    }
    for (int p = 0; p < sp.length; p++) {
      factors.add(Explanation.of("s_p[" + p + "]", sp[p]));
    }
    for (int n = 0; n < sn.length; n++) {
      factors.add(Explanation.of("s_n[" + n + "]", sn[n]));
    }
    Explanation alignment = new Explanation("L (" + name() + ")", alignment(sp, sn), factors);
    if (vftWeight == 0) {
      return Explanation.of("alignWeight L", alignWeight * alignment.value(), alignment);
    }
    Explanation vft = VFT.explain(example, scores);
    return Explanation.of(
        "L_AFT = vftWeight L_VFT + alignWeight L",
        vftWeight * vft.value() + alignWeight * alignment.value(),
        vft,
        alignment);
  }

  @Override
  public Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores) {
    double align = 0;
    double sumPositive = 0;
    double sumNegative = 0;
    double aboveBoundary = 0;
    int positives = 0;
    int negatives = 0;
    int ordered = 0;
    int pairs = 0;
    int empty = 0;
    for (int q = 0; q < batch.size(); q++) {
      double[] sp = pick(batch.get(q), scores.get(q), Role.POSITIVE);
      double[] sn = pick(batch.get(q), scores.get(q), Role.NEGATIVE);
      align += alignment(sp, sn);
      empty += sp.length == 0 || sn.length == 0 ? 1 : 0;
      for (double p : sp) {
        sumPositive += p;
        positives++;
        for (double n : sn) {
          ordered += p > n ? 1 : 0;
          pairs++;
        }
      }
      for (double n : sn) {
        sumNegative += n;
        negatives++;
        aboveBoundary += sp.length > 0 ? n - boundary(sp) : 0;
      }
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (vftWeight != 0) {
      metrics.put("loss/vft", VFT.value(batch, scores));
    }
    metrics.put("loss/align", align / batch.size());
    metrics.put("scores/chosen", positives == 0 ? 0 : sumPositive / positives);
    metrics.put("scores/rejected", negatives == 0 ? 0 : sumNegative / negatives);
    metrics.put("rewards/accuracies", pairs == 0 ? 0 : (double) ordered / pairs);
    metrics.put("scores/rejected_above_boundary", negatives == 0 ? 0 : aboveBoundary / negatives);
    metrics.put("empty_groups", (double) empty);
    return metrics;
  }
}
