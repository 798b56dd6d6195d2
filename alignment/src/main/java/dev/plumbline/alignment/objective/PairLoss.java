package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.data.UserError;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A loss of two responses to one prompt: a row gives the mean over its pairs of different reward,
 * of which a row of chosen and rejected has one. With log pi(y|x) the sum over a response's tokens,
 * n their number, y_w the better and y_l the worse one of a pair, the papers write
 *
 * <pre>
 *   a = log pi(y|x) - log pi_ref(y|x)        the log-ratio
 *   h = a_w - a_l                            the margin
 *   s = log pi(y|x) / n                      the mean
 * </pre>
 */
public sealed interface PairLoss extends PreferenceLoss
    permits Dpo,
        ConservativeDpo,
        CriticalDpo,
        CriticalDpoElementwise,
        Ipo,
        Rpo,
        DpoPositive,
        SimPo,
        Orpo,
        StepDpo,
        Tdpo {

  /**
   * The formula on one pair.
   *
   * @param c the candidates
   * @param d the same where the formula stops the gradient
   * @param w index of the better one
   * @param l index of the worse one
   */
  double pair(Candidates c, Candidates d, int w, int l);

  /** The same as a graph, by pair [q, e]. */
  SDVariable pair(PairBatch graph);

  /** What the value of a pair was computed from. */
  List<Explanation> factors(Candidates c, int w, int l);

  @Override
  default Feedback feedback() {
    return Feedback.RANKING;
  }

  @Override
  default double value(Candidates c, Candidates d) {
    return c.pairs().stream()
        .mapToDouble(p -> pair(c, d, p.better(), p.worse()))
        .average()
        .orElse(0);
  }

  @Override
  default SDVariable build(PairBatch graph) {
    return graph.meanOfPairs(pair(graph));
  }

  @Override
  default Explanation explain(Candidates c) {
    List<Explanation> pairs = new ArrayList<>();
    for (Candidates.Pair p : c.pairs()) {
      int w = p.better();
      int l = p.worse();
      pairs.add(
          new Explanation(
              "y_w candidate " + w + ", y_l candidate " + l, pair(c, c, w, l), factors(c, w, l)));
    }
    return new Explanation("L (" + name() + "), the mean over pairs", value(c, c), pairs);
  }

  /** Factors of the margin h. */
  static List<Explanation> margin(Candidates c, int w, int l) {
    return List.of(
        Explanation.of(
            "h = a_w - a_l",
            c.margin(w, l),
            ratio("a_w = log pi(y_w)/pi_ref(y_w)", c, w),
            ratio("a_l = log pi(y_l)/pi_ref(y_l)", c, l)));
  }

  private static Explanation ratio(String name, Candidates c, int i) {
    return Explanation.of(
        name,
        c.logRatio(i),
        Explanation.of("log pi", c.logPi()[i]),
        Explanation.of("log pi_ref", c.logRef()[i]));
  }

  /** Refuses a number below 0 or not below {@code limit}. */
  static void checkRange(String key, double value, double limit) {
    if (!(value >= 0 && value < limit)) {
      throw new UserError(
          key
              + " is "
              + value
              + ", and a number of 0 or more"
              + (Double.isInfinite(limit) ? "" : " and below " + limit)
              + " is needed.");
    }
  }

  /** log sigma(x), stable for large |x|. */
  static double logSigmoid(double x) {
    return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
  }
}
