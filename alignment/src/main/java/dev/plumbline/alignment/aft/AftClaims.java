package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.report.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The AFT paper's claims, each decided by figures of the run. A difference of accuracies counts
 * when its Holm-corrected p is below 0.05 and its interval lies on one side of 0; a difference of
 * assessment accuracies when its interval does; a difference between two swept values when both
 * McNemar's test, corrected for the choice of the two, and the interval say so.
 */
final class AftClaims {
  private static final String BINARY = "binary feedback";
  private static final String RANKS = "ranking feedback";

  private final Map<String, List<Evaluation>> evaluations;
  private final List<Study.Comparison> comparisons;
  private final AftRun.Measurements measured;
  private final boolean ranking;
  private final List<Study.Claim> claims = new ArrayList<>();

  AftClaims(
      Map<String, List<Evaluation>> evaluations,
      List<Study.Comparison> comparisons,
      AftRun.Measurements measured,
      boolean ranking) {
    this.evaluations = evaluations;
    this.comparisons = comparisons;
    this.measured = measured;
    this.ranking = ranking;
  }

  /** Every unconstrained loss before its constrained forms. */
  static List<String[]> constrained(AftArm.Rows rows) {
    List<String[]> pairs = new ArrayList<>();
    for (String family : List.of("AFT", "RRHF", "PRO", "DPO")) {
      String none = AftArm.name(family, rows, Constraint.NONE);
      for (Constraint c : List.of(Constraint.DETACHED, Constraint.BOUNDARY)) {
        pairs.add(new String[] {none, AftArm.name(family, rows, c)});
      }
    }
    return pairs;
  }

  List<Study.Claim> all() {
    misjudges();
    correlates();
    for (String aft : List.of("AFT-DC", "AFT-BC")) {
      raisesAssessment(aft);
      more(
          aft + " solves more than VFT",
          "Table 2, " + BINARY,
          "GSM8K, Llama-7B: VFT 36.48, AFT 40.43",
          AftArm.VFT,
          aft);
      more(
          aft + " solves more than RFT",
          "section 5",
          "\u201cslightly better\u201d",
          AftArm.RFT,
          aft);
    }
    unconstrained(AftArm.Rows.BINARY, BINARY);
    if (ranking) {
      more(
          "AFT-BC on ranks (L_RBC) solves more than VFT",
          "section 5, " + RANKS,
          "GSM8K-RANK: VFT 20.82, L_RBC 26.08",
          AftArm.VFT,
          "AFT-BC, ranks");
      unconstrained(AftArm.Rows.RANKING, RANKS);
    }
    candidates();
    beta();
    selfConsistency();
    tasks();
    return claims;
  }

  /** The pilot: fine-tuned models score wrong reasoning above right reasoning. */
  private void misjudges() {
    Interval a = StudyStatistics.assessment(evaluations.get(AftArm.VFT), Evaluation::learned);
    Verdict verdict =
        Double.isNaN(a.estimate())
            ? Verdict.NOT_RUN
            : a.high() < 0.9
                ? Verdict.REPRODUCED
                : a.low() > 0.9 ? Verdict.NOT_REPRODUCED : Verdict.UNDECIDED;
    claims.add(
        new Study.Claim(
            "VFT models misjudge: on questions that they have learned, they often score wrong reasoning above right reasoning "
                + "(here: assessment accuracy below 90 %)",
            "section 3, Table 1",
            "assessment accuracy 68.4 (GSM8K, 7B), 61.6 (ECQA, 7B)",
            verdict,
            "VFT's assessment accuracy on learned questions is " + DecisionRule.percent(a) + "."));
  }

  private void correlates() {
    String claim = "Over fine-tuned models, task accuracy and assessment accuracy rise together";
    Study.Scatter scatter = measured.pilot() == null ? null : measured.pilot().scatter();
    if (scatter == null) {
      claims.add(DecisionRule.notRun(claim, "section 3"));
      return;
    }
    Interval r = scatter.r();
    claims.add(
        new Study.Claim(
            claim,
            "section 3",
            "Pearson 0.93 (GSM8K), 0.98 (ECQA)",
            DecisionRule.sign(r),
            String.format(
                Locale.ROOT,
                "Pearson's r over %d checkpoints of fine-tuning is %.2f (%.2f to %.2f).",
                scatter.points().size(),
                r.estimate(),
                r.low(),
                r.high())));
  }

  private void raisesAssessment(String aft) {
    Interval d =
        StudyStatistics.assessmentDifference(
            evaluations.get(AftArm.VFT), evaluations.get(aft), Evaluation::learned);
    Interval heldOut =
        StudyStatistics.assessmentDifference(
            evaluations.get(AftArm.VFT), evaluations.get(aft), Evaluation::heldOut);
    claims.add(
        new Study.Claim(
            aft + " raises assessment accuracy over VFT",
            "section 5",
            "",
            DecisionRule.sign(d),
            "On learned questions "
                + DecisionRule.points(d)
                + ", on held-out ones "
                + DecisionRule.points(heldOut)
                + "."));
  }

  /** {@code second} solves more than {@code first}. */
  private void more(String claim, String source, String paper, String first, String second) {
    Study.Comparison c = find(first, second);
    claims.add(
        new Study.Claim(
            claim, source, paper, DecisionRule.verdict(c, 1), DecisionRule.sentence(c)));
  }

  private void unconstrained(AftArm.Rows rows, String feedback) {
    for (String family : List.of("RRHF", "PRO", "DPO", "AFT")) {
      String loss = AftArm.name(family, rows, Constraint.NONE);
      Study.Comparison c = find(AftArm.VFT, loss);
      claims.add(
          new Study.Claim(
              loss + " without a constraint falls below VFT",
              "Table 4, " + feedback,
              family.equals("RRHF") && rows == AftArm.Rows.RANKING
                  ? "GSM8K-RANK: VFT 20.82, RRHF 7.51"
                  : "",
              DecisionRule.verdict(c, -1),
              DecisionRule.sentence(c)));
    }
    for (String[] pair : constrained(rows)) {
      more(
          pair[1] + " repairs " + pair[0],
          "Table 4, " + feedback,
          "\u201cthe constraint is crucial\u201d",
          pair[0],
          pair[1]);
    }
  }

  private void candidates() {
    List<AftRun.Swept> sweep = measured.byCandidates();
    if (sweep.size() < 2) {
      claims.add(
          DecisionRule.notRun(
              "Accuracy rises with the number of candidates", "section 5, ablation"));
      return;
    }
    swept(
        "AFT-BC's accuracy rises with the number of candidates",
        sweep.get(0),
        sweep.get(sweep.size() - 1),
        "k = ",
        1);
  }

  private void beta() {
    List<AftRun.Swept> sweep = measured.byBeta();
    if (sweep.size() < 2) {
      claims.add(DecisionRule.notRun("The margin beta matters much", "section 5, ablation"));
      return;
    }
    AftRun.Swept low = sweep.get(0);
    AftRun.Swept high = sweep.get(0);
    for (AftRun.Swept s : sweep) {
      low = accuracy(s) < accuracy(low) ? s : low;
      high = accuracy(s) > accuracy(high) ? s : high;
    }
    // The best and the worst were chosen by these figures: every pair counts as a comparison.
    swept(
        "The margin beta matters: the best differs from the worst",
        low,
        high,
        "beta = ",
        sweep.size() * (sweep.size() - 1) / 2);
  }

  private static double accuracy(AftRun.Swept swept) {
    return Arrays.stream(StudyStatistics.solved(swept.methods().get("AFT-BC")))
        .average()
        .orElse(Double.NaN);
  }

  /** Whether {@code to} solves more than {@code from}, one of so many comparisons (Bonferroni). */
  private void swept(
      String claim, AftRun.Swept from, AftRun.Swept to, String symbol, int comparisons) {
    Study.Comparison c =
        StudyStatistics.compare(
            "AFT-BC, " + symbol + from.label(),
            from.methods().get("AFT-BC"),
            "AFT-BC, " + symbol + to.label(),
            to.methods().get("AFT-BC"));
    double corrected = Math.min(1, c.p() * comparisons);
    Verdict verdict =
        corrected < DecisionRule.ALPHA ? DecisionRule.sign(c.difference()) : Verdict.UNDECIDED;
    claims.add(
        new Study.Claim(
            claim,
            "section 5, ablation",
            "",
            verdict,
            String.format(
                Locale.ROOT,
                "%s against %s: %s; b %d, c %d, p %.3g, after Bonferroni over %d pairs %.3g.",
                c.second(),
                c.first(),
                DecisionRule.points(c.difference()),
                c.onlyFirst(),
                c.onlySecond(),
                c.p(),
                comparisons,
                corrected)));
  }

  private void selfConsistency() {
    Votes vft = measured.votes().get(AftArm.VFT);
    Votes aft = measured.votes().get("AFT-BC");
    String claim = "AFT-BC solves more than VFT under self-consistency too";
    if (vft == null || aft == null) {
      claims.add(DecisionRule.notRun(claim, "section 5"));
      return;
    }
    double[] a = vft.solved()[vft.solved().length - 1];
    double[] b = aft.solved()[aft.solved().length - 1];
    double[] difference = new double[a.length];
    Arrays.setAll(difference, i -> b[i] - a[i]);
    Interval d = StudyStatistics.mean(difference, "self-consistency");
    claims.add(
        new Study.Claim(
            claim,
            "section 5",
            "",
            DecisionRule.sign(d),
            "At " + (1 << (vft.solved().length - 1)) + " votes " + DecisionRule.points(d) + "."));
  }

  /** One claim a task and method, so that each has its own figures. */
  private void tasks() {
    if (measured.tasks().isEmpty()) {
      claims.add(
          DecisionRule.notRun(
              "One model for several tasks: AFT solves more than VFT", "section 5"));
      return;
    }
    for (AftTasks.Result task : measured.tasks()) {
      for (String arm : task.arms().keySet()) {
        if (!arm.equals(AftArm.VFT)) {
          more(
              "One model for several tasks: " + arm + " solves more than VFT on " + task.task(),
              "section 5, multi-task",
              "",
              AftStudy.onTask(AftArm.VFT, task.task()),
              AftStudy.onTask(arm, task.task()));
        }
      }
    }
  }

  private Study.Comparison find(String first, String second) {
    return comparisons.stream()
        .filter(c -> c.first().equals(first) && c.second().equals(second))
        .findFirst()
        .orElseThrow();
  }
}
