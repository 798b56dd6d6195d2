package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Likelihood;
import picocli.CommandLine.Option;

/** The hyperparameters of an objective, for every command that takes one. */
final class ObjectiveOptions {
  /** The names, for descriptions. */
  static final String NAMES =
      "vft; aft-none, aft-dc, aft-bc; on rewards aft-ra, aft-rdc, aft-rbc, rrhf, pro, dpo, and the last three with -dc or -bc.";

  @Option(
      names = "--beta",
      paramLabel = "B",
      description =
          "dpo*: strength of the reference (0.1); others: margin of the boundary below the worst better candidate (0.15).")
  private Double beta;

  @Option(
      names = "--margin",
      paramLabel = "M",
      description = "dpo-bc: margin of the boundary (0.15).")
  private Double margin;

  @Option(
      names = "--constraint-weight",
      paramLabel = "W",
      description = "dpo-bc: weight of the constraint (1).")
  private Double constraintWeight;

  @Option(
      names = "--length-penalty",
      paramLabel = "A",
      description = "rrhf*: exponent of the length (1).")
  private Double lengthPenalty;

  @Option(
      names = "--detach-boundary",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "aft-bc, aft-rbc: no gradient through the boundary (default: ${DEFAULT-VALUE}).")
  private boolean detachBoundary;

  @Option(
      names = "--align-weight",
      defaultValue = "1",
      description = "Weight of the preference loss (default: ${DEFAULT-VALUE}).")
  private double alignWeight;

  @Option(
      names = "--vft-weight",
      defaultValue = "0",
      description =
          "Weight of the likelihood term; 1 is L_AFT of its paper and RRHF's, 0.05 PRO's (default: ${DEFAULT-VALUE}, the preference loss alone).")
  private double vftWeight;

  @Option(
      names = "--likelihood-target",
      paramLabel = "WHICH",
      description =
          "What the likelihood term imitates: reference (default of aft) or best, the candidate of the highest reward.")
  private Likelihood.Target likelihoodTarget;

  @Option(
      names = "--likelihood-reduction",
      paramLabel = "HOW",
      description =
          "token_mean, sum, padded_row_mean (RRHF's code) or pro_sum (PRO's code); default: pro_sum for pro, else token_mean.")
  private Likelihood.Reduction likelihoodReduction;

  @Option(
      names = "--reference-in-positives",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description = "Count the reference as a candidate of the highest reward (default: no).")
  private boolean referenceInPositives;

  Hyperparameters values() {
    return new Hyperparameters(
        beta,
        margin,
        constraintWeight,
        lengthPenalty,
        detachBoundary,
        alignWeight,
        vftWeight,
        likelihoodTarget,
        likelihoodReduction,
        referenceInPositives);
  }
}
