package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Preference ranking optimisation (PRO; Song et al. 2023, arXiv 2306.17492, Eq. 7), with the AFT
 * paper's constraints added. For candidates sorted by reward r_1 &gt;= ... &gt;= r_n and s the mean
 * log-probability,
 *
 * <pre>
 *   for k = 1 .. n-1:   t_i = r_k - r_i (i &gt; k),   t_k = max_{i &gt; k} t_i
 *     L_k = log(1e-10 + exp(t_k s_k) + sum_{i &gt; k} exp(t_i s_i)) - t_k s_k
 *   L_PRO = sum_k L_k                                                              PRO, Eq. 7, {@code pro}
 *   with DC  s_i of i &gt; k replaced by D(s_i)                                      {@code pro-dc}
 *   with BC  exp(t_i (2 B_i - s_i)) added inside the log for each i &gt; k of lower reward,
 *            B_i = D(min_{m better than i} s_m) - beta                            {@code pro-bc}
 * </pre>
 *
 * <p>The paper divides by the temperature 1 / (r_k - r_i); multiplying by the difference, as its
 * code does, is the same. Candidates of equal reward stand in file order; t = 0 makes a constant.
 * Rewards should lie in [0, 1]. The constrained forms are inferred (AFT spec 5.6). The code adds
 * 0.05 (n-1)^2 times the summed negative log-likelihood of the best candidate ({@code
 * vft-weight=0.05}).
 *
 * @param constraint what bounds the push on lower candidates
 * @param beta margin of the boundary
 */
public record Pro(Constraint constraint, double beta) implements PreferenceLoss {
  private static final double EPSILON = 1e-10;
  private static final String FIRST = "pro_first"; // [q * k] index of candidate k
  private static final String REST = "pro_rest"; // [q * k * c] indices of those after it
  private static final String FIRST_T = "pro_first_t"; // [q * k, 1]
  private static final String REST_T = "pro_rest_t"; // [q * k, c]
  private static final String REST_MASK = "pro_rest_mask"; // [q * k, c]
  private static final String LOWER_MASK = "pro_lower_mask"; // [q * k, c]: of lower reward
  private static final String ROW_MASK = "pro_row_mask"; // [q, k]

  /** Checks the range. */
  public Pro {
    Aft.checkBeta(beta);
  }

  @Override
  public String name() {
    return switch (constraint) {
      case NONE -> "pro";
      case DETACHED -> "pro-dc";
      case BOUNDARY -> "pro-bc";
    };
  }

  @Override
  public Feedback feedback() {
    return Feedback.RANKING;
  }

  /** Candidates from the best to the worst; equal ones in file order. */
  private static int[] sorted(double[] quality) {
    return IntStream.range(0, quality.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -quality[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Override
  public double value(Candidates c, Candidates d) {
    return Arrays.stream(terms(c, d)).sum();
  }

  /** L_k for k = 1 .. n-1. */
  private double[] terms(Candidates c, Candidates d) {
    int[] order = sorted(c.quality());
    double[] r = c.quality();
    double[] terms = new double[Math.max(0, order.length - 1)];
    for (int k = 0; k < terms.length; k++) {
      double tk = r[order[k]] - r[order[order.length - 1]]; // the largest difference
      double own = tk * c.s()[order[k]];
      List<Double> exponents = new ArrayList<>(List.of(Math.log(EPSILON), own));
      for (int after = k + 1; after < order.length; after++) {
        int i = order[after];
        double ti = r[order[k]] - r[i];
        double si = constraint == Constraint.DETACHED ? d.s()[i] : c.s()[i];
        exponents.add(ti * si);
        if (constraint == Constraint.BOUNDARY && ti > 0) {
          exponents.add(ti * (2 * d.boundary(i, beta) - c.s()[i]));
        }
      }
      terms[k] = logSumExp(exponents) - own;
    }
    return terms;
  }

  private static double logSumExp(List<Double> exponents) {
    double largest = exponents.stream().mapToDouble(x -> x).max().orElseThrow();
    return largest + Math.log(exponents.stream().mapToDouble(x -> Math.exp(x - largest)).sum());
  }

  @Override
  public SDVariable build(PairBatch graph) {
    TokenLogProbs loss = graph.loss();
    SDVariable s = graph.s(); // [r, 1]
    SDVariable own = loss.pick(s, FIRST, loss.input(FIRST_T)).mul(loss.input(FIRST_T)); // t_k s_k
    SDVariable t = loss.input(REST_T); // [q * k, c]
    SDVariable rest = loss.pick(constraint == Constraint.DETACHED ? loss.detach(s) : s, REST, t);
    SDVariable present = own.mul(0).add(1); // [q * k, 1]
    SDVariable exponents = loss.sd().concat(1, own, t.mul(rest));
    SDVariable mask = loss.sd().concat(1, present, loss.input(REST_MASK));
    if (constraint == Constraint.BOUNDARY) {
      SDVariable b = loss.detach(loss.pick(graph.boundary(beta), REST, t)); // B_i
      exponents = loss.sd().concat(1, exponents, t.mul(b.mul(2).sub(rest)));
      mask = loss.sd().concat(1, mask, loss.input(LOWER_MASK));
    }
    SDVariable terms = loss.logSumExp(Math.log(EPSILON), exponents, mask).sub(own); // L_k
    SDVariable rows = loss.input(ROW_MASK); // [q, k]
    return loss.sd().reshape(terms, loss.sd().shape(rows)).mul(rows).sum(true, 1);
  }

  @Override
  public void feed(MicroBatch batch, Placeholders feed) {
    int q = batch.examples().size();
    int n = 3; // ND4J fails on a reduction over a dimension of size 1
    for (Example example : batch.examples()) {
      n = Math.max(n, example.candidates().length);
    }
    int c = n - 1;
    int rows = q * c;
    int[] first = new int[rows];
    int[] rest = new int[rows * c];
    float[] firstT = new float[rows];
    float[] restT = new float[rows * c];
    float[] restMask = new float[rows * c];
    float[] lowerMask = new float[rows * c];
    float[] rowMask = new float[rows];
    PairBatch.each(
        batch,
        (question, offset) -> {
          Example example = batch.examples().get(question);
          int[] places = example.candidates();
          double[] r = Candidates.quality(example, feedback());
          int[] order = sorted(r);
          for (int k = 0; k + 1 < order.length; k++) {
            int row = question * c + k;
            rowMask[row] = 1f;
            first[row] = offset + places[order[k]];
            firstT[row] = (float) (r[order[k]] - r[order[order.length - 1]]);
            for (int after = k + 1; after < order.length; after++) {
              int cell = row * c + after - k - 1;
              int i = order[after];
              rest[cell] = offset + places[i];
              restT[cell] = (float) (r[order[k]] - r[i]);
              restMask[cell] = 1f;
              lowerMask[cell] = r[order[k]] > r[i] ? 1f : 0f;
            }
          }
        });
    feed.indices(FIRST, first);
    feed.indices(REST, rest);
    feed.matrix(FIRST_T, firstT, rows, 1);
    feed.matrix(REST_T, restT, rows, c);
    feed.matrix(REST_MASK, restMask, rows, c);
    feed.matrix(LOWER_MASK, lowerMask, rows, c);
    feed.matrix(ROW_MASK, rowMask, q, c);
  }

  @Override
  public Explanation explain(Candidates c) {
    double[] terms = terms(c, c);
    List<Explanation> factors = new ArrayList<>(Aft.factors(c, constraint, beta));
    for (int k = 0; k < terms.length; k++) {
      factors.add(Explanation.of("L_" + (k + 1), terms[k]));
    }
    return new Explanation("L_PRO (" + name() + ") = sum_k L_k", value(c, c), factors);
  }
}
