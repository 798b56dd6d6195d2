package dev.plumbline.alignment.reproduce;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.train.RunFiles;
import dev.plumbline.tensor.statistics.Correlation;
import dev.plumbline.tensor.statistics.Interval;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the study out of what an AFT run measured. */
final class AftStudy {
  static final String START = "start";

  private final AftSettings settings;
  private final Map<String, List<Evaluation>> evaluations = new LinkedHashMap<>();
  private final List<AftRun.Measured> arms;
  private final List<List<AftRun.Swept>> sweeps;
  private final Map<String, Votes> votes;

  AftStudy(
      AftSettings settings,
      Evaluation before,
      List<AftRun.Measured> arms,
      List<List<AftRun.Swept>> sweeps,
      Map<String, Votes> votes) {
    this.settings = settings;
    this.arms = arms;
    this.sweeps = sweeps;
    this.votes = votes;
    evaluations.put(START, List.of(before));
    arms.forEach(a -> evaluations.put(a.arm().name(), a.seeds()));
  }

  Study build(List<DemoResult.Fact> facts, List<Study.Case> cases) {
    List<Study.Comparison> comparisons = StudyStatistics.holm(comparisons());
    return new Study(
        "AFT reproduced: does alignment repair what fine-tuning misjudges?",
        settings.model() == null
            ? "Tiny model, generated problems. The figures come from a Llama of 0.9 million parameters on generated word "
                + "problems. They show what the methods do at this scale; the paper's figures come from 7 and 13 billion "
                + "parameters on GSM8K."
            : "The figures hold for the model, the problems and the settings named at the end of the page.",
        facts,
        new AftClaims(evaluations, comparisons, sweeps, votes, settings.ranking()).all(),
        tables(),
        comparisons,
        curves(),
        correlation(),
        histograms(),
        cases);
  }

  private List<Study.Table> tables() {
    List<Study.Arm> binary = new ArrayList<>();
    List<Study.Arm> ranking = new ArrayList<>();
    binary.add(arm(START, "the fine-tuned model that all arms start from", List.of(), List.of()));
    for (AftRun.Measured m : arms) {
      Study.Arm row = arm(m.arm().name(), m.arm().description(), settings.seeds(), m.models());
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
    return tables;
  }

  private Study.Arm arm(String name, String description, List<Long> seeds, List<Path> models) {
    List<Evaluation> own = evaluations.get(name);
    List<Study.Seed> runs = new ArrayList<>();
    for (int s = 0; s < models.size(); s++) {
      JsonNode trained = RunFiles.readJson(models.get(s).resolve("result.json"));
      runs.add(
          new Study.Seed(
              seeds.get(s),
              own.get(s).accuracy(),
              trained.path("wall_seconds").asDouble(),
              trained.path("last_loss").asDouble()));
    }
    return new Study.Arm(
        name,
        description,
        runs,
        StudyStatistics.accuracy(own),
        StudyStatistics.assessment(own, Evaluation::learned),
        StudyStatistics.assessment(own, Evaluation::heldOut),
        own.stream().mapToDouble(Evaluation::perplexity).average().orElse(Double.NaN),
        own.stream().mapToDouble(Evaluation::repetitionRate).average().orElse(Double.NaN));
  }

  /** Fine-tuning against everything, and each unconstrained loss against its constrained forms. */
  private List<Study.Comparison> comparisons() {
    List<Study.Comparison> all = new ArrayList<>();
    all.add(compare(START, AftArm.VFT));
    for (AftRun.Measured m : arms) {
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
    return all;
  }

  private Study.Comparison compare(String first, String second) {
    return StudyStatistics.compare(first, evaluations.get(first), second, evaluations.get(second));
  }

  private List<Study.Curve> curves() {
    List<Study.Curve> curves = new ArrayList<>();
    if (!sweeps.get(0).isEmpty()) {
      curves.add(
          curve(
              "accuracy-by-candidates",
              "Accuracy by number of candidates",
              "candidates a question (k)",
              sweeps.get(0)));
    }
    if (!sweeps.get(1).isEmpty()) {
      curves.add(
          curve(
              "accuracy-by-beta", "Accuracy by the margin of the boundary", "beta", sweeps.get(1)));
    }
    if (!votes.isEmpty()) {
      curves.add(AftVotes.curve(votes));
    }
    return curves;
  }

  private Study.Curve curve(String id, String title, String xLabel, List<AftRun.Swept> sweep) {
    List<Study.Line> lines = new ArrayList<>();
    for (String method : sweep.get(0).methods().keySet()) {
      lines.add(
          new Study.Line(
              method + ", accuracy",
              sweep.stream().map(s -> StudyStatistics.accuracy(s.methods().get(method))).toList()));
    }
    return new Study.Curve(
        id,
        title,
        "Greedy accuracy on the validation questions of the sweeps, which no table uses; mean over "
            + settings.seeds().size()
            + " seeds, bars are 95 % bootstrap intervals over questions.",
        xLabel,
        "accuracy, %",
        sweep.stream().map(AftRun.Swept::label).toList(),
        lines);
  }

  /** Task accuracy against assessment accuracy, one point a trained model. */
  private Study.Scatter correlation() {
    List<Study.Point> points = new ArrayList<>();
    evaluations.forEach(
        (name, seeds) -> {
          for (int s = 0; s < seeds.size(); s++) {
            Evaluation e = seeds.get(s);
            double x = StudyStatistics.assessment(List.of(e), Evaluation::learned).estimate();
            if (!Double.isNaN(x)) { // without a right and a wrong candidate there is none
              String seed = seeds.size() > 1 ? ", seed " + settings.seeds().get(s) : "";
              points.add(new Study.Point(name + seed, x, e.accuracy()));
            }
          }
        });
    if (points.size() < 2) {
      return null;
    }
    double[] x = points.stream().mapToDouble(Study.Point::x).toArray();
    double[] y = points.stream().mapToDouble(Study.Point::y).toArray();
    Interval r = Correlation.pearsonInterval(x, y, 0.95);
    return new Study.Scatter(
        "Task accuracy against assessment accuracy",
        "One point a trained model of this study. The paper's pilot correlates fine-tuned models only; here the methods "
            + "differ too.",
        "assessment accuracy on training questions, %",
        "accuracy on held-out questions, %",
        r,
        points);
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
