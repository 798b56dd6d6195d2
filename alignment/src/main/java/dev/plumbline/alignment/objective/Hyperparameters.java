package dev.plumbline.alignment.objective;

/**
 * The hyperparameters of all objectives under one vocabulary: each objective reads its own. Null
 * takes the objective's default.
 *
 * @param beta dpo: strength of the reference (0.1); others: margin of the boundary (0.15)
 * @param margin dpo-bc: margin of the boundary (0.15)
 * @param constraintWeight dpo-bc: weight of its constraint (1)
 * @param lengthPenalty rrhf: exponent of the length (1)
 * @param detachBoundary aft-bc, aft-rbc: whether T and B are constants (true)
 * @param alignWeight weight of the preference loss (1)
 * @param vftWeight weight of the likelihood term (0)
 * @param likelihoodTarget what it imitates: the reference for aft, else the best candidate
 * @param likelihoodReduction how it sums: pro-sum for pro, else token-mean
 * @param referenceInPositives whether the reference is a candidate too (false)
 */
public record Hyperparameters(
    Double beta,
    Double margin,
    Double constraintWeight,
    Double lengthPenalty,
    boolean detachBoundary,
    double alignWeight,
    double vftWeight,
    Likelihood.Target likelihoodTarget,
    Likelihood.Reduction likelihoodReduction,
    boolean referenceInPositives) {

  /** Every default, with a beta or null and a weight of the likelihood term. */
  public static Hyperparameters of(Double beta, double vftWeight) {
    return new Hyperparameters(beta, null, null, null, true, 1, vftWeight, null, null, false);
  }
}
