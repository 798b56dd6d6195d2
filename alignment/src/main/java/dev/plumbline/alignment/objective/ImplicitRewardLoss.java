package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.ScoredResponse;
import java.util.List;

/**
 * A pair loss whose reward is DPO's implicit one, {@code beta log pi(y|x) / pi_ref(y|x)} (Rafailov
 * et al. 2023, section 4).
 */
interface ImplicitRewardLoss extends PairLoss {
  /** How strongly the policy is held to the reference. */
  double beta();

  @Override
  default boolean needsReference() {
    return true;
  }

  @Override
  default double reward(ScoredResponse y) {
    return beta() * y.logRatio();
  }

  /** beta, and the margin h with its two log-ratios. */
  @Override
  default List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    return List.of(
        Explanation.of("beta", beta()),
        Explanation.of(
            "h = a_w - a_l",
            h(w, l),
            ratio("a_w = log pi(y_w)/pi_ref(y_w)", w),
            ratio("a_l = log pi(y_l)/pi_ref(y_l)", l)));
  }

  /** The margin h = a_w - a_l. */
  static double h(ScoredResponse w, ScoredResponse l) {
    return w.logRatio() - l.logRatio();
  }

  private static Explanation ratio(String name, ScoredResponse y) {
    return Explanation.of(
        name,
        y.logRatio(),
        Explanation.of("log pi", y.logPi()),
        Explanation.of("log pi_ref", y.logRef()));
  }
}
