package dev.plumbline.alignment.read;

import dev.plumbline.alignment.objective.Constrained;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.ObjectiveSpec;
import dev.plumbline.alignment.objective.PairLoss;
import dev.plumbline.alignment.objective.PreferenceLoss;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the page of an objective shows.
 *
 * @param spec the objective
 * @param math name of its page of docs/math
 * @param sections headings of its sections there
 * @param equation how the displayed equation of its loss begins
 * @param example name of its worked example in {@code examples.json}
 * @param neighbours objectives to compare it with
 */
record Reading(
    ObjectiveSpec spec,
    String math,
    List<String> sections,
    String equation,
    String example,
    List<String> neighbours) {

  private static final String WEIGHTS = "From scores to weights";
  private static final String CONSTRAINTS = "The two constraints on any loss";
  private static final List<String> BINARY = List.of("aft-none", "aft-dc", "aft-bc");
  private static final List<String> RANKED = List.of("aft-ra", "aft-rdc", "aft-rbc");
  private static final List<String> BASELINES = List.of("rrhf", "pro", "dpo");

  /** The reading of an objective. */
  static Reading of(ObjectiveSpec spec) {
    String name = spec.name();
    return switch (name) {
      case "vft" -> aft(spec, "L_{VFT}", "references", List.of(), "Vanilla fine-tuning");
      case "aft-none" -> binary(spec, "L_A", "Eq. 6");
      case "aft-dc" -> binary(spec, "L_{DC}", "Eq. 7");
      case "aft-bc" -> binary(spec, "L_{BC}", "Eq. 8", "Eq. 9");
      case "aft-ra" -> ranked(spec, "L_{RA}");
      case "aft-rdc" -> ranked(spec, "L_{RDC}");
      case "aft-rbc" -> ranked(spec, "L_{RBC}");
      case "rrhf" -> baseline(spec, "L_{rank}", "RRHF");
      case "pro" -> baseline(spec, "L_{PRO}", "PRO");
      case "dpo" ->
          pair(spec, "L_{DPO}", "DPO", "simpo", "ipo", "critical-dpo", "aft-bc", "rrhf", "pro");
      case "rrhf-dc", "rrhf-bc" -> constrained(spec, "rrhf", "RRHF");
      case "pro-dc", "pro-bc" -> constrained(spec, "pro", "PRO");
      case "dpo-dc", "dpo-bc" -> constrained(spec, "dpo", "DPO");
      case "conservative-dpo" -> pair(spec, "L =", "Conservative DPO", "dpo", "ipo");
      case "ipo" -> pair(spec, "L =", "IPO", "dpo", "simpo");
      case "rpo" -> pair(spec, "L =", "RPO", "dpo", "dpo-positive");
      case "dpo-positive" -> pair(spec, "L =", "DPO-positive", "dpo", "rpo");
      case "simpo" -> pair(spec, "L =", "SimPO", "dpo", "ipo");
      case "orpo" -> pair(spec, "L =", "ORPO", "simpo", "rpo");
      case "step-dpo" -> pair(spec, "L =", "Step-DPO", "dpo");
      case "tdpo1" -> pair(spec, "L_1", "TDPO", "tdpo2", "dpo");
      case "tdpo2" -> pair(spec, "L_2", "TDPO", "tdpo1", "dpo");
      case "kto" ->
          new Reading(spec, "baselines", List.of("KTO"), "L =", "unpaired", List.of("dpo"));
      case "critical-dpo" ->
          critical(
              spec, "critical-dpo:", "critical", "critical-dpo-both", "critical-dpo-elementwise");
      case "critical-dpo-both" ->
          critical(
              spec, "critical-dpo:", "critical-both", "critical-dpo", "critical-dpo-elementwise");
      case "critical-dpo-elementwise" ->
          critical(
              spec, "critical-dpo-elementwise", "critical", "critical-dpo", "critical-dpo-both");
      default -> pair(spec, "", ownSection(name), "dpo");
    };
  }

  /** The section of baselines.md with the formula of a pair loss that has no row above. */
  private static String ownSection(String name) {
    return MathPage.read(MathPage.LOSSES).formulas().stream()
        .filter(block -> List.of(block.lines().get(0).split(", ")).contains(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The objective "
                        + name
                        + " has no page; add a section with a block ```formula to docs/math/"
                        + MathPage.LOSSES
                        + ".md, or a row to Reading."))
        .heading();
  }

  private static Reading aft(
      ObjectiveSpec spec,
      String equation,
      String example,
      List<String> neighbours,
      String... sections) {
    return new Reading(spec, "aft", List.of(sections), equation, example, neighbours);
  }

  private static Reading binary(ObjectiveSpec spec, String equation, String... sections) {
    List<String> all = new ArrayList<>(List.of(sections));
    all.addAll(List.of("A worked example", "Limits"));
    return aft(spec, equation, "solutions", others(spec, BINARY), all.toArray(String[]::new));
  }

  private static Reading ranked(ObjectiveSpec spec, String equation) {
    return aft(spec, equation, "ranked", others(spec, RANKED), "Ranking feedback");
  }

  private static List<String> others(ObjectiveSpec spec, List<String> family) {
    List<String> others = new ArrayList<>(family);
    others.remove(spec.name());
    others.addAll(BASELINES);
    return others;
  }

  private static Reading baseline(ObjectiveSpec spec, String equation, String section) {
    List<String> others = new ArrayList<>(List.of("aft-rbc"));
    others.addAll(BASELINES);
    others.remove(spec.name());
    return new Reading(spec, "baselines", List.of(section), equation, "ranked", others);
  }

  private static Reading constrained(ObjectiveSpec spec, String inner, String section) {
    String other = inner + (spec.name().endsWith("-dc") ? "-bc" : "-dc");
    return new Reading(
        spec,
        "baselines",
        List.of(CONSTRAINTS, section),
        "\\text{" + spec.name().toUpperCase(Locale.ROOT) + "}",
        "ranked",
        List.of(inner, other, "aft-r" + spec.name().substring(spec.name().length() - 2)));
  }

  private static Reading pair(
      ObjectiveSpec spec, String equation, String section, String... neighbours) {
    return new Reading(spec, "baselines", List.of(section), equation, "pair", List.of(neighbours));
  }

  private static Reading critical(
      ObjectiveSpec spec, String section, String example, String... others) {
    List<String> neighbours = new ArrayList<>(List.of("dpo"));
    neighbours.addAll(Arrays.asList(others));
    return new Reading(
        spec, "critical-tokens", List.of(section, WEIGHTS), "L =", example, neighbours);
  }

  /** The displayed equation of the loss. */
  MathPage.Equation loss() {
    return MathPage.equations(MathPage.read(math).section(sections.get(0))).stream()
        .filter(equation -> equation.formula().strip().startsWith(equation()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Section '" + sections.get(0) + "' has no equation '" + equation + " …'."));
  }

  /** Its class, and that of the loss which a constraint decorates. */
  List<SourceFile> classes() {
    List<SourceFile> files = new ArrayList<>();
    for (Object part : parts()) {
      files.add(SourceFile.read("objective/" + part.getClass().getSimpleName()));
    }
    return files;
  }

  /** What its class calls: the interfaces of a pair loss, and the numbers that formulas read. */
  List<SourceFile> helpers() {
    List<Class<?>> interfaces = new ArrayList<>();
    boolean preference = false;
    for (Object part : parts()) {
      preference |= part instanceof PreferenceLoss;
      for (Class<?> type : part.getClass().getInterfaces()) {
        if (PairLoss.class.isAssignableFrom(type) && !interfaces.contains(type)) {
          interfaces.add(type);
        }
      }
      if (part instanceof PairLoss && !interfaces.contains(PairLoss.class)) {
        interfaces.add(PairLoss.class);
      }
    }
    List<SourceFile> files = new ArrayList<>();
    interfaces.forEach(type -> files.add(SourceFile.read("objective/" + type.getSimpleName())));
    if (preference) {
      files.add(SourceFile.read("batch/ScoredResponse"));
      files.add(SourceFile.read("batch/Candidates"));
    }
    if (parts().get(0) instanceof Vft) {
      files.add(SourceFile.read("objective/Likelihood"));
    }
    return files;
  }

  private List<Object> parts() {
    Objective objective = spec.create(Hyperparameters.NONE);
    if (!(objective instanceof PreferenceObjective preference)) {
      return List.of(objective);
    }
    return preference.loss() instanceof Constrained constrained
        ? List.of(constrained, constrained.loss())
        : List.of(preference.loss());
  }
}
