package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.ScoredResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A loss on two responses to one prompt. A row of candidates gives the mean over its pairs of
 * different reward; a row of chosen and rejected has one pair. With log pi(y|x) the sum over a
 * response's n tokens, y_w the chosen and y_l the rejected one, the papers write
 *
 * <pre>
 *   a = log pi(y|x) - log pi_ref(y|x)        the log-ratio
 *   h = a_w - a_l                            the margin
 *   s = log pi(y|x) / n                      the mean log-probability
 * </pre>
 */
public non-sealed interface PairLoss extends PreferenceLoss {

  /**
   * The formula on one pair.
   *
   * @param w the chosen response, y_w
   * @param l the rejected response, y_l
   */
  double pair(ScoredResponse w, ScoredResponse l);

  /** The same as a graph, by pair [q, e]. */
  SDVariable pair(PairBatch batch);

  /** Named factors of the value of one pair. */
  List<Explanation> factors(ScoredResponse w, ScoredResponse l);

  /** Whether a question's value is the sum over its pairs instead of the mean. */
  default boolean sumsPairs() {
    return false;
  }

  @Override
  default Feedback feedback() {
    return Feedback.RANKING;
  }

  @Override
  default double value(Candidates c) {
    return overPairs(c, (w, l) -> pair(w, l));
  }

  /** Mean, or sum, of a function over the pairs of a question; 0 without a pair. */
  default double overPairs(
      Candidates c, ToDoubleBiFunction<ScoredResponse, ScoredResponse> ofPair) {
    if (!sumsPairs()) {
      return c.pairs().stream()
          .mapToDouble(p -> ofPair.applyAsDouble(c.get(p.better()), c.get(p.worse())))
          .average()
          .orElse(0); // without a pair
    }
    double sum = 0;
    for (Candidates.Pair p : c.pairs()) {
      sum += ofPair.applyAsDouble(c.get(p.better()), c.get(p.worse()));
    }
    return sum;
  }

  @Override
  default SDVariable build(PairBatch batch) {
    return overPairs(batch, pair(batch));
  }

  /** Mean, or sum, over the pairs of each question [q, e] to [q, 1]. */
  default SDVariable overPairs(PairBatch batch, SDVariable perPair) {
    return sumsPairs() ? batch.sumOfPairs(perPair) : batch.meanOfPairs(perPair);
  }

  @Override
  default Explanation explain(Candidates c) {
    List<Explanation> pairs = new ArrayList<>();
    for (Candidates.Pair p : c.pairs()) {
      ScoredResponse w = c.get(p.better());
      ScoredResponse l = c.get(p.worse());
      pairs.add(new Explanation(title(p), pair(w, l), factors(w, l)));
    }
    return new Explanation(title(name(), sumsPairs()), value(c), pairs);
  }

  /** The title of a pair in an explanation. */
  static String title(Candidates.Pair p) {
    return "y_w candidate " + p.better() + ", y_l candidate " + p.worse();
  }

  /** The title of a question's value in an explanation. */
  static String title(String name, boolean sum) {
    return "L (" + name + "), the " + (sum ? "sum" : "mean") + " over pairs";
  }

  /** log sigma(x), stable for large |x|. */
  static double logSigmoid(double x) {
    return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
  }
}
