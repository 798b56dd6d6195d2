package dev.plumbline.alignment.aft;

import static dev.plumbline.alignment.aft.AftMethods.BC;
import static dev.plumbline.alignment.aft.AftMethods.DC;
import static dev.plumbline.alignment.aft.AftMethods.NONE;
import static dev.plumbline.alignment.aft.AftMethods.START;
import static dev.plumbline.alignment.aft.AftMethods.VFT;

import dev.plumbline.alignment.aft.AftSettings.Piece;
import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The comparison of the AFT paper (section 5): every method trained on the same questions with the
 * same seeds and measured on the same held-out questions.
 */
final class ArmsPart implements Part<ArmsPart.Result> {
  private static final String RRHF = AftMethods.id("RRHF", Constraint.NONE, false);
  private static final String RRHF_BC = AftMethods.id("RRHF", Constraint.BOUNDARY, false);

  private final AftInputs inputs;
  private final boolean binary;
  private final boolean ranks;

  ArmsPart(AftInputs inputs) {
    this.inputs = inputs;
    this.binary = inputs.settings().runs(Piece.BINARY);
    this.ranks = inputs.settings().runs(Piece.RANKS);
    inputs.settings().arms().check(all().stream().map(Arm::id).toList());
  }

  /**
   * What was measured.
   *
   * @param arms by id, the start first
   * @param misjudged the start's assessment of candidates of the questions that it is fine-tuned on
   * @param cases questions that the boundary constraint repairs
   */
  record Result(Map<String, Trained> arms, Assessment misjudged, List<Case> cases) {}

  /** All arms of the experiment. */
  private List<Arm> all() {
    AftSettings settings = inputs.settings();
    AftFiles files = inputs.files();
    List<Arm> arms =
        new ArrayList<>(
            AftMethods.binary(
                settings.methods(), AftMethods.Rows.of(files, inputs.problems().answersOnly())));
    arms.addAll(AftMethods.ranking(settings.methods(), files.ranking()));
    return arms;
  }

  /** The arms of this run; VFT stands beside either feedback. */
  private List<Arm> arms() {
    return all().stream()
        .filter(arm -> inputs.settings().arms().trains(arm.id()))
        .filter(arm -> arm.id().equals(VFT) || (AftMethods.ranks(arm.id()) ? ranks : binary))
        .toList();
  }

  @Override
  public Outline outline() {
    List<String> ids = new ArrayList<>(List.of(START));
    arms().forEach(arm -> ids.add(arm.id()));
    AftClaims claims =
        new AftClaims(inputs.settings().setup().measures(), inputs.problems().answersOnly());
    List<String> quantities = new ArrayList<>(List.of(AftClaims.MISJUDGED));
    if (ids.contains(VFT)) {
      Stream.of(DC, BC).filter(ids::contains).map(AftClaims::raised).forEach(quantities::add);
    }
    return Outline.of(ids, claims.comparisons(ids), quantities, claims.all()).ofDeclared();
  }

  @Override
  public Result run() throws IOException {
    int dropped = inputs.problems().dropped();
    if (dropped > 0) {
      inputs
          .workspace()
          .console()
          .stage("Left out " + dropped + " training problems that are held out, or nearly.");
    }
    Path start = inputs.start();
    inputs.files().draw(start, inputs.problems());
    Evaluator evaluator = inputs.evaluator();
    Map<String, Trained> arms = new LinkedHashMap<>();
    arms.put(START, inputs.workspace().start(START, start, evaluator));
    for (Arm arm : arms()) {
      arms.put(arm.id(), inputs.workspace().arm(arm, inputs.from(), evaluator));
    }
    return new Result(arms, misjudged(start), cases(arms));
  }

  private Assessment misjudged(Path start) throws IOException {
    return inputs
        .workspace()
        .evaluate(
            START + " on the questions that it is fine-tuned on",
            start,
            inputs.workspace().file(START).resolve("fine-tuned-on.json"),
            inputs.evaluator(List.of(), inputs.files().fineTunedOn(), null))
        .learned();
  }

  private List<Case> cases(Map<String, Trained> arms) {
    List<String> shown = List.of(VFT, NONE, BC);
    if (!arms.keySet().containsAll(shown)) {
      return List.of();
    }
    return new AftCases(
            inputs.problems().train(),
            inputs.files().learned(),
            inputs.settings().setup().sizes().maxTokens())
        .find(shown.stream().map(arms::get).toList());
  }

  @Override
  public void report(Result measured, Findings findings) throws IOException {
    Map<String, Trained> arms = measured.arms();
    misjudged(measured.misjudged(), findings);
    if (arms.containsKey(VFT)) {
      raised(arms, findings);
    }
    tables(arms, findings);
    figures(arms, findings);
    measured.cases().forEach(findings::figure);
  }

  private static void misjudged(Assessment start, Findings findings) {
    Interval own = StudyStatistics.assessment(start);
    int pairs = Arrays.stream(start.pairs()).sum();
    findings.quantity(
        AftClaims.MISJUDGED,
        own,
        "Of "
            + pairs
            + " pairs of a right and a wrong candidate of questions that the start is fine-tuned on, it orders "
            + DecisionRule.percent(own)
            + " rightly.");
  }

  private static void raised(Map<String, Trained> arms, Findings findings) {
    List<Evaluation> vft = arms.get(VFT).evaluations();
    for (String aft : Stream.of(DC, BC).filter(arms::containsKey).toList()) {
      List<Evaluation> own = arms.get(aft).evaluations();
      Clustered learned = StudyStatistics.assessmentDifference(vft, own, Evaluation::learned);
      Clustered heldOut = StudyStatistics.assessmentDifference(vft, own, Evaluation::heldOut);
      findings.quantity(
          AftClaims.raised(aft),
          learned,
          "On training questions "
              + DecisionRule.points(learned)
              + ", on held-out ones "
              + DecisionRule.points(heldOut)
              + ".");
    }
  }

  /** Start and VFT stand in the first table. */
  private void tables(Map<String, Trained> arms, Findings findings) {
    String onRanks = "Ranking feedback: the same candidates, ranked by answer and steps";
    if (!binary) {
      findings.arms(onRanks, arms);
      return;
    }
    findings.arms(
        "Binary feedback: candidates are right or wrong by their answer", ranked(arms, false));
    if (ranks) {
      findings.arms(onRanks, ranked(arms, true));
    }
  }

  private static Map<String, Trained> ranked(Map<String, Trained> arms, boolean ranks) {
    Map<String, Trained> some = new LinkedHashMap<>(arms);
    some.keySet().removeIf(id -> AftMethods.ranks(id) != ranks);
    return some;
  }

  private static void figures(Map<String, Trained> arms, Findings findings) throws IOException {
    List<String> shown = new ArrayList<>(List.of(START, VFT, NONE, DC, BC, RRHF, RRHF_BC));
    shown.retainAll(arms.keySet());
    for (String id : shown) {
      Assessment scores = arms.get(id).evaluations().get(0).learned();
      findings.figure(
          new Scores(arms.get(id).label(), scores.positive(), scores.negative(), new double[0]));
    }
    // How the scores of right and wrong candidates move with and without the constraint.
    List<Trained> curves =
        Stream.of(NONE, DC, BC).filter(arms::containsKey).map(arms::get).toList();
    if (!curves.isEmpty()) {
      findings.figure(scores(curves));
    }
    List<Scatter.Point> points = new ArrayList<>();
    for (Trained arm : arms.values()) {
      for (int s = 0; s < arm.evaluations().size(); s++) {
        String seed = arm.seeds().isEmpty() ? "" : ", seed " + arm.seeds().get(s);
        StudyStatistics.point(arm.label() + seed, arm.evaluations().get(s)).ifPresent(points::add);
      }
    }
    StudyStatistics.scatter(
            "Task accuracy against assessment accuracy over all methods",
            "One point per trained model of this study; here the methods differ, too.",
            points)
        .ifPresent(findings::figure);
  }

  private static Curve scores(List<Trained> arms) throws IOException {
    return TrainingCurves.curve(
        "scores",
        "right",
        "wrong",
        new TrainingCurves.Text(
            "Scores of right and wrong candidates during training",
            "Mean score s of the right and of the wrong candidates of the rows that the steps trained on, before each "
                + "step; mean over seeds.",
            "mean log-probability of a token"),
        arms);
  }
}
