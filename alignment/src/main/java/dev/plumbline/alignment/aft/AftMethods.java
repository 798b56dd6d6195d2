package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constrained;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.PreferenceLoss;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Pro;
import dev.plumbline.alignment.objective.Rrhf;
import dev.plumbline.alignment.objective.Vft;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The arms of the comparison. Every preference loss is added to the same L_VFT on the reference
 * solution, so that the arms differ in nothing but the loss on the candidates.
 */
final class AftMethods {
  static final String START = "start";
  static final String VFT = "vft";
  static final String RFT = "rft";

  /** L_VFT of the aligned arms alone, where questions have answers only: one right candidate. */
  static final String RFT_1 = "rft-1";

  static final String NONE = id("AFT", Constraint.NONE, false);
  static final String DC = id("AFT", Constraint.DETACHED, false);
  static final String BC = id("AFT", Constraint.BOUNDARY, false);

  /** Families of losses, each without and with its constraints. */
  static final List<String> FAMILIES = List.of("AFT", "RRHF", "PRO", "DPO");

  private AftMethods() {}

  /**
   * The training files of the arms on right and wrong answers.
   *
   * @param references of the lessons, for VFT
   * @param candidates of all questions, for the aligned arms
   * @param rft references and right candidates
   * @param answersOnly whether the candidates' questions are others than the lessons
   */
  record Rows(Path references, Path candidates, Path rft, boolean answersOnly) {
    static Rows of(AftFiles files, boolean answersOnly) {
      int k = files.draws().candidates();
      return new Rows(files.references(), files.binary(), files.rft(k), answersOnly);
    }
  }

  /** Fine-tuning and the arms on right and wrong answers. */
  static List<Arm> binary(AftSettings.Methods settings, Rows rows) {
    List<Arm> arms = new ArrayList<>();
    arms.add(
        new Arm(VFT, "VFT", new Vft(), rows.references(), "more likelihood of the references"));
    arms.add(
        new Arm(
            RFT, "RFT", new Vft(), rows.rft(), "likelihood of references and right candidates"));
    if (rows.answersOnly()) {
      arms.add(
          new Arm(
              RFT_1,
              "RFT-1",
              new Vft(),
              rows.candidates(),
              "L_VFT of the aligned arms alone: references and one right candidate a question"));
    }
    arms.addAll(preferences(settings, rows.candidates(), false));
    return arms;
  }

  /** The arms on ranking feedback. */
  static List<Arm> ranking(AftSettings.Methods settings, Path rows) {
    return preferences(settings, rows, true);
  }

  private static List<Arm> preferences(AftSettings.Methods settings, Path rows, boolean ranks) {
    List<Arm> arms = new ArrayList<>();
    for (String family : FAMILIES) {
      for (Constraint c : Constraint.values()) {
        arms.add(
            new Arm(
                id(family, c, ranks),
                label(family, c, ranks),
                PreferenceObjective.withVft(loss(family, c, ranks, settings)),
                rows,
                describe(c)));
      }
    }
    return arms;
  }

  private static PreferenceLoss loss(
      String family, Constraint c, boolean ranks, AftSettings.Methods settings) {
    double margin = settings.boundaryMargin();
    return switch (family) {
      case "AFT" -> ranks ? Aft.ranking(c, margin) : Aft.of(c, margin);
      case "RRHF" -> Constrained.of(new Rrhf(Rrhf.DEFAULT_LENGTH_PENALTY), c, margin);
      case "PRO" -> Constrained.of(new Pro(), c, margin);
      default -> Constrained.of(new Dpo(settings.dpoBeta()), c, margin);
    };
  }

  private static String describe(Constraint constraint) {
    return switch (constraint) {
      case NONE -> "no constraint";
      case DETACHED -> "detached constraint";
      case BOUNDARY -> "boundary constraint";
    };
  }

  /** Whether an arm is on ranking feedback. */
  static boolean ranks(String id) {
    return id.endsWith("-ranks");
  }

  /** Such as {@code rrhf-bc-ranks}. */
  static String id(String family, Constraint constraint, boolean ranks) {
    return label(family, constraint, ranks).toLowerCase(Locale.ROOT).replace(", ", "-");
  }

  /** Such as {@code RRHF-BC, ranks}. */
  static String label(String family, Constraint constraint, boolean ranks) {
    String suffix =
        switch (constraint) {
          case NONE -> family.equals("AFT") ? "-none" : "";
          case DETACHED -> "-DC";
          case BOUNDARY -> "-BC";
        };
    return family + suffix + (ranks ? ", ranks" : "");
  }
}
