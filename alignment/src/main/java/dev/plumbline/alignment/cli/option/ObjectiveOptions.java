package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Hyperparameters.Number;
import dev.plumbline.alignment.objective.Likelihood;
import java.util.Map;
import picocli.CommandLine.Option;

/** The hyperparameters of an objective, for every command that takes one. */
public final class ObjectiveOptions {
  /** The names, for descriptions. */
  public static final String NAMES =
      "vft; aft-none, aft-dc, aft-bc; on rewards aft-ra, aft-rdc, aft-rbc, rrhf, pro, dpo, and the last three with -dc or -bc;"
          + " conservative-dpo, ipo, rpo, dpo-positive, simpo, orpo, step-dpo, kto.";

  @Option(
      names = "--beta",
      paramLabel = "B",
      description =
          "dpo and its variants: strength of the reference (0.1; simpo 2, step-dpo 0.4); others: margin of the boundary below the worst better candidate (0.15).")
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
      names = "--label-smoothing",
      paramLabel = "E",
      description = "conservative-dpo: share of flipped labels (0.1).")
  private Double labelSmoothing;

  @Option(
      names = "--gamma-ratio",
      paramLabel = "G",
      description = "simpo: asked margin, in units of beta (0.5).")
  private Double gammaRatio;

  @Option(
      names = "--nll-weight",
      paramLabel = "W",
      description = "rpo: weight of the chosen response's likelihood (1).")
  private Double nllWeight;

  @Option(
      names = "--odds-weight",
      paramLabel = "W",
      description = "orpo: weight of the odds ratio (0.1).")
  private Double oddsWeight;

  @Option(
      names = "--positive-weight",
      paramLabel = "W",
      description = "dpo-positive: weight of the penalty on a less likely chosen response (50).")
  private Double positiveWeight;

  @Option(
      names = "--kl-weight",
      paramLabel = "A",
      description = "tdpo1, tdpo2: weight of the KL to the reference (1; 0.5).")
  private Double klWeight;

  @Option(
      names = "--desirable-weight",
      paramLabel = "W",
      description = "kto: weight of right responses (1).")
  private Double desirableWeight;

  @Option(
      names = "--undesirable-weight",
      paramLabel = "W",
      description = "kto: weight of wrong responses (1).")
  private Double undesirableWeight;

  @Option(
      names = "--average-log-ratio",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "ipo: means over tokens instead of sums (default: ${DEFAULT-VALUE}).")
  private boolean averageLogRatio;

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

  public Hyperparameters values() {
    return new Hyperparameters(
            Map.of(),
            detachBoundary,
            averageLogRatio,
            alignWeight,
            vftWeight,
            likelihoodTarget,
            likelihoodReduction,
            referenceInPositives)
        .with(Number.BETA, beta)
        .with(Number.MARGIN, margin)
        .with(Number.CONSTRAINT_WEIGHT, constraintWeight)
        .with(Number.LENGTH_PENALTY, lengthPenalty)
        .with(Number.LABEL_SMOOTHING, labelSmoothing)
        .with(Number.GAMMA_RATIO, gammaRatio)
        .with(Number.NLL_WEIGHT, nllWeight)
        .with(Number.ODDS_WEIGHT, oddsWeight)
        .with(Number.POSITIVE_WEIGHT, positiveWeight)
        .with(Number.KL_WEIGHT, klWeight)
        .with(Number.DESIRABLE_WEIGHT, desirableWeight)
        .with(Number.UNDESIRABLE_WEIGHT, undesirableWeight);
  }
}
