package dev.plumbline.alignment.objective;

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
          "dpo-bc");

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
    if (name.equals("vft")) {
      return new Vft(new Likelihood(1, Likelihood.Target.REFERENCE, reduction));
    }
    Likelihood.Target target =
        h.likelihoodTarget() != null
            ? h.likelihoodTarget()
            : name.startsWith("aft") ? Likelihood.Target.REFERENCE : Likelihood.Target.BEST;
    Likelihood likelihood =
        h.vftWeight() == 0 ? Likelihood.NONE : new Likelihood(h.vftWeight(), target, reduction);
    return new Preference(loss(name, h), h.alignWeight(), likelihood, h.referenceInPositives());
  }

  private static PreferenceLoss loss(String name, Hyperparameters h) {
    Constraint constraint =
        switch (name) {
          case "aft-dc", "aft-rdc", "rrhf-dc", "pro-dc", "dpo-dc" -> Constraint.DETACHED;
          case "aft-bc", "aft-rbc", "rrhf-bc", "pro-bc", "dpo-bc" -> Constraint.BOUNDARY;
          default -> Constraint.NONE;
        };
    double boundary = or(h.beta(), Aft.DEFAULT_BETA);
    return switch (name) {
      case "aft-none", "aft-dc", "aft-bc" ->
          new Aft(Feedback.BINARY, constraint, boundary, h.detachBoundary());
      case "aft-ra", "aft-rdc", "aft-rbc" ->
          new Aft(Feedback.RANKING, constraint, boundary, h.detachBoundary());
      case "rrhf", "rrhf-dc", "rrhf-bc" ->
          new Rrhf(constraint, boundary, or(h.lengthPenalty(), Rrhf.DEFAULT_LENGTH_PENALTY));
      case "pro", "pro-dc", "pro-bc" -> new Pro(constraint, boundary);
      default ->
          new Dpo(
              or(h.beta(), Dpo.DEFAULT_BETA),
              constraint,
              or(h.margin(), Aft.DEFAULT_BETA),
              or(h.constraintWeight(), Dpo.DEFAULT_CONSTRAINT_WEIGHT));
    };
  }

  private static double or(Double value, double otherwise) {
    return value == null ? otherwise : value;
  }
}
