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
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Preference ranking optimisation (PRO; Song et al. 2023, arXiv 2306.17492, Eq. 7): a softmax over
 * each candidate and all lower ones, with a temperature from the reward differences. For candidates
 * sorted by reward r_1 &gt;= ... &gt;= r_n and s the mean log-probability,
 *
 * <pre>
 *   for k = 1 .. n-1:   t_i = r_k - r_i (i &gt; k),   t_k = max_{i &gt; k} t_i
 *     L_k = log(1e-10 + exp(t_k s_k) + sum_{i &gt; k} exp(t_i s_i)) - t_k s_k
 *   L_PRO = sum_k L_k                                                              Eq. 7, {@code pro}
 * </pre>
 *
 * <p>The paper divides by the temperature 1 / (r_k - r_i); multiplying by the difference, as its
 * code does, is the same. Candidates of equal reward keep file order; where the rest all equal r_k,
 * L_k is the constant log(1 + n - k). Rewards should lie in [0, 1]. The code adds 0.05 (n-1)^2
 * times the summed negative log-likelihood of the best candidate ({@code vft-weight=0.05}).
 */
public record Pro() implements PreferenceLoss {
  private static final double EPSILON = 1e-10;
  private static final String FIRST = "pro_first"; // [q * k] index of candidate k
  private static final String REST = "pro_rest"; // [q * k * c] indices of those after it
  private static final String FIRST_T = "pro_first_t"; // [q * k, 1]
  private static final String REST_T = "pro_rest_t"; // [q * k, c]
  private static final String REST_MASK = "pro_rest_mask"; // [q * k, c]
  private static final String LOWER_MASK = "pro_lower_mask"; // [q * k, c]: of lower reward
  private static final String ROW_MASK = "pro_row_mask"; // [q, k]

  @Override
  public String name() {
    return "pro";
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
  public double value(Candidates c) {
    return Arrays.stream(terms(c, c, null)).sum();
  }

  /**
   * L_k for k = 1 .. n-1.
   *
   * @param lower the candidates where they are the lower ones, i &gt; k
   * @param boundary B_i of a candidate, for the boundary constraint; null without it
   */
  double[] terms(Candidates c, Candidates lower, IntToDoubleFunction boundary) {
    double[] r = c.quality();
    int[] order = sorted(r);
    double[] terms = new double[Math.max(0, order.length - 1)];
    for (int k = 0; k < terms.length; k++) {
      double tk = r[order[k]] - r[order[order.length - 1]]; // the largest difference
      double own = tk * c.s(order[k]);
      List<Double> exponents = new ArrayList<>(List.of(Math.log(EPSILON), own));
      for (int after = k + 1; after < order.length; after++) {
        int i = order[after];
        double ti = r[order[k]] - r[i];
        exponents.add(ti * lower.s(i));
        if (boundary != null && ti > 0) {
          exponents.add(ti * (2 * boundary.applyAsDouble(i) - c.s(i)));
        }
      }
      terms[k] = logSumExp(exponents) - own; // Eq. 7
    }
    return terms;
  }

  private static double logSumExp(List<Double> exponents) {
    double largest = exponents.stream().mapToDouble(x -> x).max().orElseThrow();
    return largest + Math.log(exponents.stream().mapToDouble(x -> Math.exp(x - largest)).sum());
  }

  @Override
  public SDVariable build(PairBatch batch) {
    return build(batch, null);
  }

  /**
   * The graph, with the boundary constraint where a boundary is given.
   *
   * @param boundary B of every response, without a gradient [r, 1], or null
   */
  SDVariable build(PairBatch batch, SDVariable boundary) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable s = batch.s(); // [r, 1]
    SDVariable tk = logProbs.input(FIRST_T); // [q * k, 1]
    SDVariable own = logProbs.pick(s, FIRST, tk).mul(tk); // t_k s_k
    SDVariable t = logProbs.input(REST_T); // [q * k, c]
    SDVariable rest = logProbs.pick(batch.asWorse(s), REST, t);
    SDVariable present = own.mul(0).add(1); // [q * k, 1]
    SDVariable exponents = logProbs.sd().concat(1, own, t.mul(rest));
    SDVariable mask = logProbs.sd().concat(1, present, logProbs.input(REST_MASK));
    if (boundary != null) {
      SDVariable b = logProbs.pick(boundary, REST, t); // B_i
      exponents = logProbs.sd().concat(1, exponents, t.mul(b.mul(2).sub(rest)));
      mask = logProbs.sd().concat(1, mask, logProbs.input(LOWER_MASK));
    }
    SDVariable terms = logProbs.logSumExp(Math.log(EPSILON), exponents, mask).sub(own); // Eq. 7
    SDVariable rows = logProbs.input(ROW_MASK); // [q, k]
    return logProbs.sd().reshape(terms, logProbs.sd().shape(rows)).mul(rows).sum(true, 1);
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
    return explain(c, name(), terms(c, c, null));
  }

  /** The scores and the terms L_k. */
  Explanation explain(Candidates c, String name, double[] terms) {
    List<Explanation> factors = new ArrayList<>();
    for (int i = 0; i < c.size(); i++) {
      factors.add(Explanation.of("s[" + i + "], quality " + c.get(i).quality(), c.s(i)));
    }
    for (int k = 0; k < terms.length; k++) {
      factors.add(Explanation.of("L_" + (k + 1), terms[k]));
    }
    return new Explanation("L_PRO (" + name + ") = sum_k L_k", Arrays.stream(terms).sum(), factors);
  }
}
