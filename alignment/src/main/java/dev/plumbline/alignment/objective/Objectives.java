package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.objective.Hyperparameters.Number;
import dev.plumbline.data.UserError;
import java.util.List;

/** Objectives by the name on the command line. */
public final class Objectives {
  /** All names. */
  public static final List<String> NAMES =
      List.of(
          "vft",
          "aft-none",
          "aft-dc",
          "aft-bc",
          "aft-ra",
          "aft-rdc",
          "aft-rbc",
          "rrhf",
          "rrhf-dc",
          "rrhf-bc",
          "pro",
          "pro-dc",
          "pro-bc",
          "dpo",
          "dpo-dc",
          "dpo-bc",
          "conservative-dpo",
          "ipo",
          "rpo",
          "dpo-positive",
          "simpo",
          "orpo",
          "step-dpo",
          "critical-dpo",
          "critical-dpo-both",
          "critical-dpo-elementwise",
          "tdpo1",
          "tdpo2",
          "kto");

  private Objectives() {}

  /** An objective by name. */
  public static Objective of(String name, Hyperparameters h) {
    if (!NAMES.contains(name)) {
      throw new UserError(
          "There is no objective '"
              + name
              + "'. The objectives are "
              + String.join(", ", NAMES)
              + ".");
    }
    Likelihood.Reduction reduction =
        h.likelihoodReduction() != null
            ? h.likelihoodReduction()
            : name.startsWith("pro")
                ? Likelihood.Reduction.PRO_SUM
                : Likelihood.Reduction.TOKEN_MEAN;
    if (name.equals("kto")) {
      return new Kto(
          h.number(Number.BETA, Kto.DEFAULT_BETA),
          h.number(Number.DESIRABLE_WEIGHT, 1),
          h.number(Number.UNDESIRABLE_WEIGHT, 1));
    }
    if (name.equals("vft")) {
      return new Vft(new Likelihood(1, Likelihood.Target.REFERENCE, reduction));
    }
    Likelihood.Target target =
        h.likelihoodTarget() != null
            ? h.likelihoodTarget()
            : name.startsWith("aft") ? Likelihood.Target.REFERENCE : Likelihood.Target.BEST;
    Likelihood likelihood =
        h.vftWeight() == 0 ? Likelihood.NONE : new Likelihood(h.vftWeight(), target, reduction);
    return new PreferenceObjective(
        loss(name, h), h.alignWeight(), likelihood, h.referenceInPositives());
  }

  private static PreferenceLoss loss(String name, Hyperparameters h) {
    Constraint constraint =
        switch (name) {
          case "aft-dc", "aft-rdc", "rrhf-dc", "pro-dc", "dpo-dc" -> Constraint.DETACHED;
          case "aft-bc", "aft-rbc", "rrhf-bc", "pro-bc", "dpo-bc" -> Constraint.BOUNDARY;
          default -> Constraint.NONE;
        };
    double boundary = h.number(Number.BETA, Aft.DEFAULT_BETA);
    double strength = h.number(Number.BETA, Dpo.DEFAULT_BETA);
    return switch (name) {
      case "aft-none", "aft-dc", "aft-bc" ->
          new Aft(Feedback.BINARY, constraint, boundary, h.detachBoundary());
      case "aft-ra", "aft-rdc", "aft-rbc" ->
          new Aft(Feedback.RANKING, constraint, boundary, h.detachBoundary());
      case "rrhf", "rrhf-dc", "rrhf-bc" ->
          new Rrhf(
              constraint, boundary, h.number(Number.LENGTH_PENALTY, Rrhf.DEFAULT_LENGTH_PENALTY));
      case "pro", "pro-dc", "pro-bc" -> new Pro(constraint, boundary);
      case "conservative-dpo" ->
          new ConservativeDpo(
              strength, h.number(Number.LABEL_SMOOTHING, ConservativeDpo.DEFAULT_LABEL_SMOOTHING));
      case "ipo" -> new Ipo(strength, h.averageLogRatio());
      case "rpo" -> new Rpo(strength, h.number(Number.NLL_WEIGHT, Rpo.DEFAULT_NLL_WEIGHT));
      case "dpo-positive" ->
          new DpoPositive(
              strength, h.number(Number.POSITIVE_WEIGHT, DpoPositive.DEFAULT_POSITIVE_WEIGHT));
      case "simpo" ->
          new SimPo(
              h.number(Number.BETA, SimPo.DEFAULT_BETA),
              h.number(Number.GAMMA_RATIO, SimPo.DEFAULT_GAMMA_RATIO));
      case "orpo" -> new Orpo(h.number(Number.ODDS_WEIGHT, Orpo.DEFAULT_ODDS_WEIGHT));
      case "critical-dpo", "critical-dpo-both" ->
          new CriticalDpo(strength, name.equals("critical-dpo-both"));
      case "critical-dpo-elementwise" -> new CriticalDpoElementwise(strength);
      case "tdpo1" -> new Tdpo(strength, h.number(Number.KL_WEIGHT, Tdpo.WEIGHT_1), false);
      case "tdpo2" -> new Tdpo(strength, h.number(Number.KL_WEIGHT, Tdpo.WEIGHT_2), true);
      case "step-dpo" -> new StepDpo(h.number(Number.BETA, StepDpo.DEFAULT_BETA));
      default ->
          new Dpo(
              strength,
              constraint,
              h.number(Number.MARGIN, Aft.DEFAULT_BETA),
              h.number(Number.CONSTRAINT_WEIGHT, Dpo.DEFAULT_CONSTRAINT_WEIGHT));
    };
  }
}
