package dev.plumbline.alignment.objective;

import dev.plumbline.data.UserError;
import java.util.Locale;

/**
 * The hyperparameters of all objectives under one vocabulary: the key on the command line and in
 * YAML, the type, the range and the help. {@link Objectives} says which objective reads which, with
 * its default.
 */
public enum Hyperparameter {
  /** Scale of the implicit reward. */
  BETA("beta", 0, false, "The paper's beta: strength of the KL constraint to the reference."),
  /** AFT's beta. */
  BOUNDARY_MARGIN(
      "boundary-margin",
      0,
      false,
      "AFT's beta: how far below the lowest-scoring correct candidate the boundary lies."),
  /** Weight of the boundary constraint of a pair loss. */
  CONSTRAINT_WEIGHT("constraint-weight", 0, false, "Weight of the boundary constraint."),
  /** RRHF's exponent of the length. */
  LENGTH_PENALTY(
      "length-penalty",
      Double.NEGATIVE_INFINITY,
      false,
      "Exponent a of the length: log pi(y|x) / |y|^a."),
  /** Conservative DPO's share of flipped labels. */
  LABEL_SMOOTHING("label-smoothing", 0, true, "Share of labels assumed to be flipped."),
  /** SimPO's margin. */
  GAMMA_RATIO("gamma-ratio", 0, false, "Target reward margin in units of beta: gamma / beta."),
  /** RPO's likelihood term. */
  NLL_WEIGHT("nll-weight", 0, false, "Weight of the chosen response's negative log-likelihood."),
  /** ORPO's lambda. */
  ODDS_WEIGHT("odds-weight", 0, false, "Weight of the log odds ratio."),
  /** DPO-positive's lambda. */
  POSITIVE_WEIGHT(
      "positive-weight",
      0,
      false,
      "Weight of the penalty on a chosen response less likely than under the reference."),
  /** TDPO's alpha. */
  KL_WEIGHT("kl-weight", 0, false, "Weight of the sequential KL to the reference."),
  /** KTO's lambda_D. */
  DESIRABLE_WEIGHT("desirable-weight", 0, false, "Weight of correct responses."),
  /** KTO's lambda_U. */
  UNDESIRABLE_WEIGHT("undesirable-weight", 0, false, "Weight of wrong responses."),
  /** IPO's averages. */
  AVERAGE_LOG_RATIO("average-log-ratio", Boolean.class, "Average log-ratios over tokens."),
  /** AFT's boundary as a constant. */
  DETACH_BOUNDARY("detach-boundary", Boolean.class, "Stop the gradient through the boundary."),
  /** Weight of the preference loss. */
  ALIGN_WEIGHT("align-weight", 0, false, "Weight of the preference loss."),
  /** Weight of the likelihood term. */
  VFT_WEIGHT(
      "vft-weight",
      0,
      false,
      "Weight of the likelihood term; 1 is L_AFT of the AFT paper and RRHF's loss, 0.05 PRO's."),
  /** Which response the likelihood term imitates. */
  LIKELIHOOD_TARGET(
      "likelihood-target",
      Likelihood.Target.class,
      "Response of the likelihood term: reference, or best (the candidate of the highest reward)."),
  /** How the likelihood term is reduced. */
  LIKELIHOOD_REDUCTION(
      "likelihood-reduction",
      Likelihood.Reduction.class,
      "Reduction of the likelihood term: token_mean, sum, padded_row_mean (RRHF's code) or pro_sum"
          + " (PRO's code)."),
  /** Whether the reference is a candidate. */
  REFERENCE_IN_POSITIVES(
      "reference-in-positives",
      Boolean.class,
      "Count the reference solution as a candidate of the highest reward.");

  private final String key;
  private final Class<?> type;
  private final double least;
  private final boolean belowHalf;
  private final String help;

  Hyperparameter(String key, double least, boolean belowHalf, String help) {
    this.key = key;
    this.type = Double.class;
    this.least = least;
    this.belowHalf = belowHalf;
    this.help = help;
  }

  Hyperparameter(String key, Class<?> type, String help) {
    this.key = key;
    this.type = type;
    this.least = Double.NaN;
    this.belowHalf = false;
    this.help = help;
  }

  /** The key on the command line and in YAML, such as {@code gamma-ratio}. */
  public String key() {
    return key;
  }

  /** Double, Boolean or an enum. */
  public Class<?> type() {
    return type;
  }

  /** What it does, in one sentence. */
  public String help() {
    return help;
  }

  /** A value as the command line takes it. */
  public static String text(Object value) {
    return value instanceof Enum<?> constant
        ? constant.name().toLowerCase(Locale.ROOT)
        : value instanceof Double number && number == Math.rint(number)
            ? Long.toString(number.longValue())
            : String.valueOf(value);
  }

  /**
   * Checks the range of a number.
   *
   * @throws UserError naming the key, the value and the range
   */
  public void check(double value) {
    boolean within = value >= least && value < (belowHalf ? 0.5 : Double.POSITIVE_INFINITY);
    if (!within || Double.isInfinite(value)) {
      String range =
          Double.isInfinite(least)
              ? "finite"
              : belowHalf ? ">= " + text(least) + " and < 0.5" : ">= " + text(least);
      throw new UserError(key + " must be " + range + ", but is " + value + ".");
    }
  }
}
