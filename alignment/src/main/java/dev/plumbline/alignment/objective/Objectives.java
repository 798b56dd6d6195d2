package dev.plumbline.alignment.objective;

import dev.plumbline.data.UserError;
import java.util.List;

/** Objectives by the name on the command line. */
public final class Objectives {
  /** All names. */
  public static final List<String> NAMES = List.of("vft", "dpo", "aft-none", "aft-dc", "aft-bc");

  private Objectives() {}

  /** An objective by name; {@code beta} null takes the objective's default. */
  public static Objective of(
      String name, Double beta, double vftWeight, double alignWeight, boolean detachBoundary) {
    double aftBeta = beta == null ? Aft.DEFAULT_BETA : beta;
    return switch (name) {
      case "vft" -> new Vft();
      case "dpo" -> new Dpo(beta == null ? Dpo.DEFAULT_BETA : beta);
      case "aft-none" ->
          new Aft(Aft.Constraint.NONE, aftBeta, alignWeight, vftWeight, detachBoundary);
      case "aft-dc" ->
          new Aft(Aft.Constraint.DETACHED, aftBeta, alignWeight, vftWeight, detachBoundary);
      case "aft-bc" ->
          new Aft(Aft.Constraint.BOUNDARY, aftBeta, alignWeight, vftWeight, detachBoundary);
      default ->
          throw new UserError(
              "There is no objective '"
                  + name
                  + "'. The objectives are "
                  + String.join(", ", NAMES)
                  + ".");
    };
  }
}
