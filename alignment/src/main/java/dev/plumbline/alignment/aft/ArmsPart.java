package dev.plumbline.alignment.aft;

import static dev.plumbline.alignment.aft.AftMethods.BC;
import static dev.plumbline.alignment.aft.AftMethods.DC;
import static dev.plumbline.alignment.aft.AftMethods.NONE;
import static dev.plumbline.alignment.aft.AftMethods.RFT;
import static dev.plumbline.alignment.aft.AftMethods.START;
import static dev.plumbline.alignment.aft.AftMethods.VFT;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Pair;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The comparison of the AFT paper (section 5): every method trained on the same questions with the
 * same seeds and measured on the same held-out questions.
 */
final class ArmsPart implements Part<ArmsPart.Result> {
  private static final String MISJUDGED = "assessment of vft";
  private static final String BINARY = "binary feedback";
  private static final String RANKS = "ranking feedback";

  private final AftInputs inputs;
  private final boolean ranks;

  ArmsPart(AftInputs inputs) {
    this.inputs = inputs;
    this.ranks = inputs.settings().methods().ranking();
  }

  /**
   * What was measured.
   *
   * @param arms by id, the start first
   * @param cases questions that the boundary constraint repairs
   */
  record Result(Map<String, Trained> arms, List<Case> cases) {}

  private List<Arm> arms() {
    AftSettings settings = inputs.settings();
    AftFiles files = inputs.files();
    List<Arm> arms =
        new ArrayList<>(
            AftMethods.binary(
                settings.methods(), files.binary(), files.rft(settings.draws().candidates())));
    if (ranks) {
      arms.addAll(AftMethods.ranking(settings.methods(), files.ranking()));
    }
    return arms;
  }

  @Override
  public Outline outline() {
    List<String> ids = new ArrayList<>(List.of(START));
    arms().forEach(arm -> ids.add(arm.id()));
    return new Outline(ids, comparisons(ids), List.of(MISJUDGED, raised(DC), raised(BC)), claims());
  }

  /** Fine-tuning against everything, and each unconstrained loss against its constrained forms. */
  private List<Pair> comparisons(List<String> ids) {
    List<Pair> all = new ArrayList<>();
    ids.stream()
        .filter(id -> !id.equals(VFT))
        .forEach(id -> all.add(id.equals(START) ? new Pair(START, VFT) : new Pair(VFT, id)));
    all.add(new Pair(RFT, DC));
    all.add(new Pair(RFT, BC));
    for (boolean ranking : ranks ? new boolean[] {false, true} : new boolean[] {false}) {
      for (String family : AftMethods.FAMILIES) {
        String none = AftMethods.id(family, Constraint.NONE, ranking);
        all.add(new Pair(none, AftMethods.id(family, Constraint.DETACHED, ranking)));
        all.add(new Pair(none, AftMethods.id(family, Constraint.BOUNDARY, ranking)));
      }
    }
    return all;
  }

  private static String raised(String arm) {
    return "assessment of " + arm + " above vft";
  }

  private List<Claim> claims() {
    List<Claim> claims = new ArrayList<>();
    claims.add(
        new Claim(
            "VFT models misjudge: on questions that they have learned, they often score wrong reasoning above right reasoning "
                + "(here: assessment accuracy below 90 %)",
            "section 3, Table 1",
            "assessment accuracy 68.4 (GSM8K, 7B), 61.6 (ECQA, 7B)",
            new Criterion.ShareBelow(MISJUDGED, 0.9)));
    for (Constraint c : List.of(Constraint.DETACHED, Constraint.BOUNDARY)) {
      String id = AftMethods.id("AFT", c, false);
      String aft = AftMethods.label("AFT", c, false);
      claims.add(
          new Claim(
              aft + " raises assessment accuracy over VFT",
              "section 5",
              "",
              new Criterion.AboveZero(raised(id))));
      claims.add(
          new Claim(
              aft + " solves more than VFT",
              "Table 2, " + BINARY,
              "GSM8K, Llama-7B: VFT 36.48, AFT 40.43",
              new Criterion.SolvesMore(id, VFT)));
      claims.add(
          new Claim(
              aft + " solves more than RFT",
              "section 5",
              "\u201cslightly better\u201d",
              new Criterion.SolvesMore(id, RFT)));
    }
    claims.addAll(unconstrained(false));
    if (ranks) {
      claims.add(
          new Claim(
              "AFT-BC on ranks (L_RBC) solves more than VFT",
              "section 5, " + RANKS,
              "GSM8K-RANK: VFT 20.82, L_RBC 26.08",
              new Criterion.SolvesMore(AftMethods.id("AFT", Constraint.BOUNDARY, true), VFT)));
      claims.addAll(unconstrained(true));
    }
    return claims;
  }

  /** Unconstrained losses fall below VFT, and both constraints repair them. */
  private static List<Claim> unconstrained(boolean ranking) {
    String source = "Table 4, " + (ranking ? RANKS : BINARY);
    List<Claim> claims = new ArrayList<>();
    for (String family : List.of("RRHF", "PRO", "DPO", "AFT")) {
      claims.add(
          new Claim(
              AftMethods.label(family, Constraint.NONE, ranking)
                  + " without a constraint falls below VFT",
              source,
              family.equals("RRHF") && ranking ? "GSM8K-RANK: VFT 20.82, RRHF 7.51" : "",
              new Criterion.SolvesFewer(AftMethods.id(family, Constraint.NONE, ranking), VFT)));
    }
    for (String family : AftMethods.FAMILIES) {
      for (Constraint c : List.of(Constraint.DETACHED, Constraint.BOUNDARY)) {
        claims.add(
            new Claim(
                AftMethods.label(family, c, ranking)
                    + " repairs "
                    + AftMethods.label(family, Constraint.NONE, ranking),
                source,
                "\u201cthe constraint is crucial\u201d",
                new Criterion.SolvesMore(
                    AftMethods.id(family, c, ranking),
                    AftMethods.id(family, Constraint.NONE, ranking))));
      }
    }
    return claims;
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
    inputs.files().draw(start, inputs.problems().train(), inputs.problems().test());
    Evaluator evaluator = inputs.evaluator(inputs.problems().test());
    Map<String, Trained> arms = new LinkedHashMap<>();
    arms.put(START, inputs.workspace().start(START, start, evaluator));
    for (Arm arm : arms()) {
      arms.put(arm.id(), inputs.workspace().arm(arm, inputs.from(), evaluator));
    }
    return new Result(arms, cases(arms));
  }

  private List<Case> cases(Map<String, Trained> arms) {
    return new AftCases(
            inputs.problems().train(),
            inputs.files().learned(),
            inputs.settings().setup().maxTokens())
        .find(List.of(arms.get(VFT), arms.get(NONE), arms.get(BC)));
  }

  @Override
  public void report(Result measured, Findings findings) throws IOException {
    Map<String, Trained> arms = measured.arms();
    arms.forEach((id, arm) -> findings.arm(id, arm.label(), arm.evaluations()));
    List<Evaluation> vft = arms.get(VFT).evaluations();
    Interval misjudged = StudyStatistics.assessment(vft, Evaluation::learned);
    findings.quantity(
        MISJUDGED,
        misjudged,
        "VFT's assessment accuracy on learned questions is "
            + DecisionRule.percent(misjudged)
            + ".");
    for (String aft : List.of(DC, BC)) {
      List<Evaluation> own = arms.get(aft).evaluations();
      Interval learned = StudyStatistics.assessmentDifference(vft, own, Evaluation::learned);
      Interval heldOut = StudyStatistics.assessmentDifference(vft, own, Evaluation::heldOut);
      findings.quantity(
          raised(aft),
          learned,
          "On learned questions "
              + DecisionRule.points(learned)
              + ", on held-out ones "
              + DecisionRule.points(heldOut)
              + ".");
    }
    tables(arms, findings);
    figures(arms, findings);
    measured.cases().forEach(findings::figure);
  }

  private static void tables(Map<String, Trained> arms, Findings findings) {
    findings.table(
        "Binary feedback: candidates are right or wrong by their answer", rows(arms, false));
    if (!rows(arms, true).isEmpty()) {
      findings.table(
          "Ranking feedback: the same candidates, ranked by answer and steps", rows(arms, true));
    }
  }

  private static List<Study.Arm> rows(Map<String, Trained> arms, boolean ranking) {
    return arms.entrySet().stream()
        .filter(arm -> arm.getKey().endsWith("-ranks") == ranking)
        .map(arm -> arm.getValue().row())
        .toList();
  }

  private static void figures(Map<String, Trained> arms, Findings findings) throws IOException {
    for (String id : List.of(START, VFT, NONE, DC, BC, "rrhf", "rrhf-bc")) {
      Assessment scores = arms.get(id).evaluations().get(0).learned();
      findings.figure(
          new Scores(arms.get(id).label(), scores.positive(), scores.negative(), new double[0]));
    }
    findings.figure(training(arms));
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

  /** How the scores of right and wrong candidates move with and without the constraint. */
  private static Curve training(Map<String, Trained> arms) throws IOException {
    Map<String, List<Path>> models = new LinkedHashMap<>();
    for (String id : List.of(NONE, DC, BC)) {
      models.put(arms.get(id).label(), arms.get(id).models());
    }
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("scores/chosen", "right");
    metrics.put("scores/rejected", "wrong");
    return new TrainingCurves(metrics)
        .curve(
            "training",
            "Scores of right and wrong candidates during training",
            "Mean score s of the right and of the wrong candidates of the rows that the steps trained on, before each step; "
                + "mean over seeds.",
            "mean log-probability of a token",
            models);
  }
}
