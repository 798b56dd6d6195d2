package dev.plumbline.alignment.objective;

import java.util.EnumMap;
import java.util.Map;

/**
 * The hyperparameters of all objectives under one vocabulary: each objective reads its own. A
 * number that is not given takes the objective's default, and so does null.
 *
 * @param numbers what is given
 * @param detachBoundary aft-bc, aft-rbc: whether T and B are constants (true)
 * @param averageLogRatio ipo: whether log-ratios are means over tokens (true)
 * @param alignWeight weight of the preference loss (1)
 * @param vftWeight weight of the likelihood term (0)
 * @param likelihoodTarget what it imitates: the reference for aft, else the best candidate
 * @param likelihoodReduction how it sums: pro-sum for pro, else token-mean
 * @param referenceInPositives whether the reference is a candidate too (false)
 */
public record Hyperparameters(
    Map<Number, Double> numbers,
    boolean detachBoundary,
    boolean averageLogRatio,
    double alignWeight,
    double vftWeight,
    Likelihood.Target likelihoodTarget,
    Likelihood.Reduction likelihoodReduction,
    boolean referenceInPositives) {

  /** What an objective may be given. */
  public enum Number {
    /** dpo and its variants: strength of the reference; others: margin of the boundary. */
    BETA,
    /** dpo-bc: margin of the boundary. */
    MARGIN,
    /** dpo-bc: weight of its constraint. */
    CONSTRAINT_WEIGHT,
    /** rrhf: exponent of the length. */
    LENGTH_PENALTY,
    /** conservative-dpo: share of flipped labels. */
    LABEL_SMOOTHING,
    /** simpo: gamma / beta. */
    GAMMA_RATIO,
    /** rpo: weight of the chosen response's likelihood. */
    NLL_WEIGHT,
    /** orpo: weight of the odds ratio. */
    ODDS_WEIGHT,
    /** dpo-positive: weight of the penalty. */
    POSITIVE_WEIGHT,
    /** tdpo1, tdpo2: weight of the KL. */
    KL_WEIGHT,
    /** kto: weight of desirable responses. */
    DESIRABLE_WEIGHT,
    /** kto: weight of undesirable ones. */
    UNDESIRABLE_WEIGHT
  }

  /** Copies the numbers. */
  public Hyperparameters {
    numbers = Map.copyOf(numbers);
  }

  /** Every default, with a beta or null and a weight of the likelihood term. */
  public static Hyperparameters of(Double beta, double vftWeight) {
    return new Hyperparameters(Map.of(), true, true, 1, vftWeight, null, null, false)
        .with(Number.BETA, beta);
  }

  /** The same with one more number; null gives none. */
  public Hyperparameters with(Number number, Double value) {
    if (value == null) {
      return this;
    }
    Map<Number, Double> more = new EnumMap<>(Number.class);
    more.putAll(numbers);
    more.put(number, value);
    return new Hyperparameters(
        more,
        detachBoundary,
        averageLogRatio,
        alignWeight,
        vftWeight,
        likelihoodTarget,
        likelihoodReduction,
        referenceInPositives);
  }

  /** A number, or what it is when it is not given. */
  double number(Number number, double otherwise) {
    return numbers.getOrDefault(number, otherwise);
  }
}
