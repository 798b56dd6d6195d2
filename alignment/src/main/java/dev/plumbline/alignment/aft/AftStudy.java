package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** Makes the study out of what an AFT run measured. */
final class AftStudy {
  static final String START = "start";

  private final AftSettings settings;
  private final AftRun.Measurements measured;
  private final Map<String, List<Evaluation>> evaluations = new LinkedHashMap<>();

  AftStudy(AftSettings settings, AftRun.Measurements measured) {
    this.settings = settings;
    this.measured = measured;
    evaluations.put(START, List.of(measured.before()));
    measured.arms().forEach(a -> evaluations.put(a.arm().name(), a.seeds()));
    for (AftTasks.Result task : measured.tasks()) {
      task.arms().forEach((arm, seeds) -> evaluations.put(onTask(arm, task.task()), seeds));
    }
  }

  /** The name of a jointly trained arm on a task. */
  static String onTask(String arm, String task) {
    return arm + " on " + task;
  }

  Study build(List<DemoResult.Fact> facts, List<Study.Case> cases) throws IOException {
    List<Study.Comparison> comparisons = StudyStatistics.holm(comparisons());
    return new Study(
        "AFT reproduced: does alignment repair what fine-tuning misjudges?",
        settings.model() == null
            ? "Tiny model, generated problems. The figures come from a Llama of 0.9 million parameters on generated word "
                + "problems. They show what the methods do at this scale; the paper's figures come from 7 and 13 billion "
                + "parameters on GSM8K."
            : "The figures hold for the model, the problems and the settings named at the end of the page.",
        facts,
        new AftClaims(evaluations, comparisons, measured, settings.ranking()).all(),
        tables(),
        comparisons,
        curves(),
        scatters(),
        histograms(),
        List.of(),
        cases,
        List.of());
  }

  private List<Study.Table> tables() {
    List<Study.Arm> binary = new ArrayList<>();
    List<Study.Arm> ranking = new ArrayList<>();
    binary.add(
        StudyStatistics.arm(
            START,
            evaluations.get(START),
            "the fine-tuned model that all arms start from",
            List.of(),
            List.of()));
    for (AftRun.Measured m : measured.arms()) {
      Study.Arm row =
          StudyStatistics.arm(
              m.arm().name(), m.seeds(), m.arm().description(), settings.seeds(), m.models());
      if (m.arm().rows() == AftArm.Rows.RANKING) {
        ranking.add(row);
      } else {
        binary.add(row);
      }
    }
    List<Study.Table> tables = new ArrayList<>();
    tables.add(
        new Study.Table("Binary feedback: candidates are right or wrong by their answer", binary));
    if (!ranking.isEmpty()) {
      tables.add(
          new Study.Table(
              "Ranking feedback: the same candidates, ranked by answer and steps", ranking));
    }
    for (AftTasks.Result task : measured.tasks()) {
      if (!task.arms().isEmpty()) {
        tables.add(task(task));
      }
    }
    return tables;
  }

  private Study.Table task(AftTasks.Result task) {
    List<Study.Arm> rows = new ArrayList<>();
    task.arms()
        .forEach(
            (arm, seeds) ->
                rows.add(
                    StudyStatistics.arm(
                        arm,
                        seeds,
                        "one model for all tasks",
                        settings.seeds(),
                        task.models().get(arm))));
    return new Study.Table(
        task.task().equals(AftTasks.LETTERS)
            ? "Multi-task: multiple choice by the probability of the letters alone, without reasoning (as MMLU is scored)"
            : "Multi-task: " + task.task(),
        rows);
  }

  /** Fine-tuning against everything, and each unconstrained loss against its constrained forms. */
  private List<Study.Comparison> comparisons() {
    List<Study.Comparison> all = new ArrayList<>();
    all.add(compare(START, AftArm.VFT));
    for (AftRun.Measured m : measured.arms()) {
      if (!m.arm().name().equals(AftArm.VFT)) {
        all.add(compare(AftArm.VFT, m.arm().name()));
      }
    }
    for (String aft : List.of("AFT-DC", "AFT-BC")) {
      all.add(compare(AftArm.RFT, aft));
    }
    for (AftArm.Rows rows :
        settings.ranking()
            ? List.of(AftArm.Rows.BINARY, AftArm.Rows.RANKING)
            : List.of(AftArm.Rows.BINARY)) {
      for (String[] pair : AftClaims.constrained(rows)) {
        all.add(compare(pair[0], pair[1]));
      }
    }
    for (AftTasks.Result task : measured.tasks()) {
      for (String arm : task.arms().keySet()) {
        if (!arm.equals(AftArm.VFT)) {
          all.add(compare(onTask(AftArm.VFT, task.task()), onTask(arm, task.task())));
        }
      }
    }
    return all;
  }

  private Study.Comparison compare(String first, String second) {
    return StudyStatistics.compare(first, evaluations.get(first), second, evaluations.get(second));
  }

  private List<Study.Curve> curves() throws IOException {
    List<Study.Curve> curves = new ArrayList<>();
    if (measured.pilot() != null) {
      curves.add(measured.pilot().curve());
    }
    if (!measured.byCandidates().isEmpty()) {
      curves.add(
          accuracy(
              "accuracy-by-candidates",
              "Accuracy by number of candidates",
              "candidates a question (k)",
              measured.byCandidates()));
    }
    if (!measured.byBeta().isEmpty()) {
      curves.add(
          accuracy(
              "accuracy-by-beta",
              "Accuracy by the margin of the boundary",
              "beta",
              measured.byBeta()));
      curves.add(assessmentByBeta());
    }
    if (!measured.votes().isEmpty()) {
      curves.add(AftVotes.curve(measured.votes()));
    }
    curves.add(training());
    return curves;
  }

  /** How the scores of right and wrong candidates move while the constraint holds or not. */
  private Study.Curve training() throws IOException {
    Map<String, List<Path>> models = new LinkedHashMap<>();
    for (AftRun.Measured m : measured.arms()) {
      if (List.of("AFT-none", "AFT-DC", "AFT-BC").contains(m.arm().name())) {
        models.put(m.arm().name(), m.models());
      }
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

  private Study.Curve accuracy(String id, String title, String xLabel, List<AftRun.Swept> sweep) {
    return curve(
        id,
        title,
        "Greedy accuracy on the validation questions of the sweeps, which no table uses; mean over "
            + settings.seeds().size()
            + " seeds, bars are 95 % bootstrap intervals over questions.",
        xLabel,
        "accuracy",
        sweep,
        StudyStatistics::accuracy);
  }

  private Study.Curve assessmentByBeta() {
    return curve(
        "assessment-by-beta",
        "Assessment accuracy by the margin of the boundary",
        "Assessment accuracy on training questions; mean over "
            + settings.seeds().size()
            + " seeds, bars are 95 % bootstrap intervals over questions.",
        "beta",
        "assessment accuracy",
        measured.byBeta(),
        seeds -> StudyStatistics.assessment(seeds, Evaluation::learned));
  }

  private static Study.Curve curve(
      String id,
      String title,
      String caption,
      String xLabel,
      String quantity,
      List<AftRun.Swept> sweep,
      Function<List<Evaluation>, Interval> figure) {
    List<Study.Line> lines = new ArrayList<>();
    for (String method : sweep.get(0).methods().keySet()) {
      lines.add(
          new Study.Line(
              method + ", " + quantity,
              sweep.stream().map(s -> figure.apply(s.methods().get(method))).toList()));
    }
    return new Study.Curve(
        id,
        title,
        caption,
        xLabel,
        quantity + ", %",
        sweep.stream().map(AftRun.Swept::label).toList(),
        lines);
  }

  /**
   * Task accuracy against assessment accuracy: checkpoints of the pilot, then all trained models.
   */
  private List<Study.Scatter> scatters() {
    List<Study.Point> points = new ArrayList<>();
    StudyStatistics.point(START, measured.before()).ifPresent(points::add);
    for (AftRun.Measured m : measured.arms()) {
      for (int s = 0; s < m.seeds().size(); s++) {
        String name = m.arm().name() + ", seed " + settings.seeds().get(s);
        StudyStatistics.point(name, m.seeds().get(s)).ifPresent(points::add);
      }
    }
    return Stream.of(
            measured.pilot() == null ? null : measured.pilot().scatter(),
            StudyStatistics.scatter(
                "Task accuracy against assessment accuracy over all methods",
                "One point a trained model of this study; here the methods differ, too.",
                points))
        .filter(Objects::nonNull)
        .toList();
  }

  private List<Study.Scores> histograms() {
    List<Study.Scores> all = new ArrayList<>();
    for (String name :
        List.of(START, AftArm.VFT, "AFT-none", "AFT-DC", "AFT-BC", "RRHF", "RRHF-BC")) {
      Evaluation e = evaluations.get(name).get(0);
      all.add(
          new Study.Scores(name, e.learned().positive(), e.learned().negative(), new double[0]));
    }
    return all;
  }
}
