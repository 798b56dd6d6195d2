package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Pair;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.objective.CriticalDpo;
import dev.plumbline.alignment.objective.CriticalDpoElementwise;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.PairLoss;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Rpo;
import dev.plumbline.alignment.objective.Tdpo;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.tensor.ops.OpMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The comparison of the critical-tokens paper (Lin et al. 2024, Table 2): SFT on positive
 * solutions, DPO, TDPO and RPO, and token-weighted DPO, on the same pairs.
 */
final class ArmsPart implements Part<Map<String, Trained>> {
  static final String START = "start";
  static final String SFT = "sft";
  static final String DPO = "dpo";
  static final String CRITICAL = "critical-dpo";

  private final CriticalStages stages;

  ArmsPart(CriticalStages stages) {
    this.stages = stages;
    stages.settings().arms().check(all().stream().map(Arm::id).toList());
  }

  /** The arms of this run. */
  private List<Arm> arms() {
    return all().stream().filter(arm -> stages.settings().arms().trains(arm.id())).toList();
  }

  /** All arms in the order of the table. */
  private List<Arm> all() {
    double beta = stages.settings().beta();
    Map<String, PairLoss> losses = new LinkedHashMap<>();
    losses.put("DPO", new Dpo(beta));
    losses.put("TDPO-1", new Tdpo(beta, Tdpo.WEIGHT_1, false));
    losses.put("TDPO-2", new Tdpo(beta, Tdpo.WEIGHT_2, true));
    losses.put("RPO", new Rpo(beta, Rpo.DEFAULT_NLL_WEIGHT));
    losses.put("critical-DPO", new CriticalDpo(beta, false));
    losses.put("critical-DPO-both", new CriticalDpo(beta, true));
    losses.put("critical-DPO-elementwise", new CriticalDpoElementwise(beta));
    Path positive = stages.workspace().file("contrast/positive.jsonl");
    Path weighted = stages.weightedFile(stages.settings().estimator().beta());
    List<Arm> arms = new ArrayList<>();
    arms.add(new Arm(SFT, "SFT", new Vft(), positive, "right solutions of its own"));
    losses.forEach(
        (label, loss) ->
            arms.add(
                new Arm(
                    label.toLowerCase(Locale.ROOT),
                    label,
                    PreferenceObjective.of(loss),
                    weighted,
                    "pairs")));
    return arms;
  }

  @Override
  public Outline outline() {
    List<String> ids = new ArrayList<>(List.of(START));
    List<Pair> pairs = new ArrayList<>();
    arms().forEach(arm -> ids.add(arm.id()));
    // Everything against the start, and critical-DPO against every other arm.
    ids.stream().skip(1).forEach(id -> pairs.add(new Pair(START, id)));
    ids.stream()
        .skip(1)
        .filter(id -> !id.equals(CRITICAL))
        .forEach(id -> pairs.add(new Pair(id, CRITICAL)));
    List<Claim> claims = new ArrayList<>();
    for (Measure measure : stages.settings().setup().measures()) {
      if (measure != Measure.GREEDY) {
        pairs.add(new Pair(DPO, CRITICAL, measure));
      }
      claims.add(claim("DPO", DPO, measure).first());
    }
    for (Arm arm : all().subList(0, 5)) { // SFT, DPO, TDPO-1, TDPO-2, RPO
      if (!arm.id().equals(DPO)) {
        claims.add(claim(arm.label(), arm.id(), Measure.GREEDY));
      }
    }
    return Outline.of(ids, pairs, List.of(), claims).ofDeclared();
  }

  private static Claim claim(String label, String arm, Measure measure) {
    return new Claim(
        "critical-DPO solves more than "
            + label
            + (measure == Measure.GREEDY ? "" : ", by " + measure.label()),
        "Table 2",
        "order only: above RPO and TDPO, these above DPO and SFT",
        new Criterion.SolvesMore(CRITICAL, arm, measure));
  }

  /** Answers to the held-out questions, samples among them. */
  static Evaluator evaluator(CriticalStages stages) {
    int maxTokens = stages.settings().setup().sizes().maxTokens();
    return new Evaluator(stages.problems().test(), null, null, maxTokens, OpMode.FUSED)
        .withSamples(stages.settings().setup().sizes().samples());
  }

  /** Arms by id, the start first. */
  @Override
  public Map<String, Trained> run() throws IOException {
    stages.weighted(stages.settings().estimator().beta());
    CriticalStages.Counts counts = stages.contrast();
    List<Arm> counted = new ArrayList<>();
    for (Arm arm : arms()) {
      int rows = arm.id().equals(SFT) ? counts.positive() : counts.pairs();
      String description = rows + " " + arm.description();
      counted.add(new Arm(arm.id(), arm.label(), arm.objective(), arm.rows(), description));
    }
    return stages.workspace().arms(START, START, stages.start(), counted, evaluator(stages));
  }

  @Override
  public void report(Map<String, Trained> measured, Findings findings) throws IOException {
    findings.arms("Greedy answers to the held-out questions", measured);
    List<Trained> curves =
        Stream.of(DPO, CRITICAL).filter(measured::containsKey).map(measured::get).toList();
    if (curves.isEmpty()) {
      return;
    }
    findings.figure(
        TrainingCurves.curve(
            "logps",
            "chosen",
            "rejected",
            new TrainingCurves.Text(
                "Log-probabilities during training",
                "Summed log-probability of the chosen and of the rejected solutions of the pairs that the steps trained on, "
                    + "before each step; mean over seeds.",
                "log-probability of a solution"),
            curves));
  }
}
