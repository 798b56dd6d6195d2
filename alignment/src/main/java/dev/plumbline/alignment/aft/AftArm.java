package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constrained;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceLoss;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Pro;
import dev.plumbline.alignment.objective.Rrhf;
import dev.plumbline.alignment.objective.Vft;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A method of the comparison. All preference losses stand beside the same L_VFT on the reference
 * solution, so that the arms differ in nothing but the loss on the candidates.
 *
 * @param name as tables show it
 * @param rows what it is trained on
 * @param objective what it minimises
 * @param description how it differs
 */
public record AftArm(String name, Rows rows, Objective objective, String description) {
  /** Training files. */
  public enum Rows {
    /** Candidates rewarded by the final answer. */
    BINARY,
    /** The same candidates rewarded by answer and steps. */
    RANKING,
    /** References and right candidates to imitate. */
    RFT
  }

  static final String VFT = "VFT";
  static final String RFT = "RFT";

  /** Directory name. */
  public String key() {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("-$", "");
  }

  /** Fine-tuning and the arms on right and wrong answers. */
  static List<AftArm> binary(double beta, double dpoBeta) {
    List<AftArm> arms = new ArrayList<>();
    arms.add(new AftArm(VFT, Rows.BINARY, new Vft(), "more likelihood of the references"));
    arms.add(new AftArm(RFT, Rows.RFT, new Vft(), "likelihood of references and right candidates"));
    for (Constraint constraint : Constraint.values()) {
      arms.add(preference("AFT", Rows.BINARY, Aft.of(constraint, beta), constraint));
    }
    arms.addAll(baselines(Rows.BINARY, beta, dpoBeta));
    return arms;
  }

  /** The arms on ranking feedback. */
  static List<AftArm> ranking(double beta, double dpoBeta) {
    List<AftArm> arms = new ArrayList<>();
    for (Constraint constraint : Constraint.values()) {
      arms.add(preference("AFT", Rows.RANKING, Aft.ranking(constraint, beta), constraint));
    }
    arms.addAll(baselines(Rows.RANKING, beta, dpoBeta));
    return arms;
  }

  private static List<AftArm> baselines(Rows rows, double beta, double dpoBeta) {
    List<AftArm> arms = new ArrayList<>();
    for (Constraint c : Constraint.values()) {
      arms.add(
          preference(
              "RRHF", rows, Constrained.of(new Rrhf(Rrhf.DEFAULT_LENGTH_PENALTY), c, beta), c));
    }
    for (Constraint c : Constraint.values()) {
      arms.add(preference("PRO", rows, Constrained.of(new Pro(), c, beta), c));
    }
    for (Constraint c : Constraint.values()) {
      arms.add(preference("DPO", rows, Constrained.of(new Dpo(dpoBeta), c, beta), c));
    }
    return arms;
  }

  private static AftArm preference(
      String family, Rows rows, PreferenceLoss loss, Constraint constraint) {
    String described =
        switch (constraint) {
          case NONE -> "no constraint";
          case DETACHED -> "detached constraint";
          case BOUNDARY -> "boundary constraint";
        };
    return new AftArm(
        name(family, rows, constraint), rows, PreferenceObjective.withVft(loss), described);
  }

  /** Such as {@code RRHF-BC, ranks}. */
  static String name(String family, Rows rows, Constraint constraint) {
    String suffix =
        switch (constraint) {
          case NONE -> family.equals("AFT") ? "-none" : "";
          case DETACHED -> "-DC";
          case BOUNDARY -> "-BC";
        };
    return family + suffix + (rows == Rows.RANKING ? ", ranks" : "");
  }
}
