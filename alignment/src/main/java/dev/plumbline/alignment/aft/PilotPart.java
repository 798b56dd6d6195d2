package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The pilot experiment (AFT paper, section 3): models along vanilla fine-tuning of the base model,
 * each with its task accuracy and its assessment accuracy.
 */
final class PilotPart implements Part<PilotPart.Result> {
  private static final String CORRELATION = "pilot correlation";

  private final AftInputs inputs;

  PilotPart(AftInputs inputs) {
    this.inputs = inputs;
  }

  /**
   * What was measured.
   *
   * @param steps optimiser steps at each checkpoint
   * @param runs evaluations by checkpoint, then by seed
   */
  record Result(List<Integer> steps, List<List<Evaluation>> runs) {}

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(CORRELATION),
        List.of(
            new Claim(
                "Over fine-tuned models, task accuracy and assessment accuracy rise together",
                "section 3",
                "Pearson 0.93 (GSM8K), 0.98 (ECQA)",
                new Criterion.AboveZero(CORRELATION))));
  }

  /** Fine-tunes once per seed, keeping checkpoints, and evaluates all of them. */
  @Override
  public Result run() throws IOException {
    Workspace workspace = inputs.sweeps().with(inputs.tuning());
    List<Long> seeds = workspace.arms().seeds();
    List<List<Path>> models = new ArrayList<>(); // by seed, then by checkpoint
    for (Path output : workspace.models(workspace.file("pilot/vft"))) {
      workspace.fineTune(
          inputs.base(),
          inputs.problems().lessons(),
          workspace.file("train.jsonl"),
          output,
          seeds.get(models.size()),
          inputs.settings().extras().checkpoints());
      models.add(Workspace.checkpoints(output));
    }
    inputs.files().draw(inputs.start(), inputs.problems());
    Evaluator evaluator =
        inputs.evaluator(
            inputs.problems().test(), inputs.files().fineTunedOn(), inputs.files().heldOut());
    List<Integer> steps = models.get(0).stream().map(PilotPart::steps).toList();
    List<List<Evaluation>> runs = new ArrayList<>();
    for (int c = 0; c < steps.size(); c++) {
      int checkpoint = c;
      List<Path> same = models.stream().map(own -> own.get(checkpoint)).toList();
      String what = "VFT after " + steps.get(c) + " steps";
      runs.add(workspace.evaluate(what, same, Workspace.EVALUATION, evaluator));
    }
    return new Result(steps, runs);
  }

  /** The run's figures say how many steps the finished model took. */
  private static int steps(Path model) {
    String name = model.getFileName().toString();
    return name.startsWith("step-")
        ? Integer.parseInt(name.substring("step-".length()))
        : RunFiles.readJson(model.resolve("result.json")).path("steps").asInt();
  }

  @Override
  public void report(Result measured, Findings findings) {
    findings.figure(curve(measured));
    Optional<Scatter> scatter = scatter(measured);
    scatter.ifPresent(findings::figure);
    Interval r = scatter.map(Scatter::r).orElse(new Interval(Double.NaN, Double.NaN, Double.NaN));
    findings.quantity(
        CORRELATION,
        r,
        scatter.isEmpty()
            ? "Fewer than two checkpoints have both accuracies."
            : String.format(
                Locale.ROOT,
                "Pearson's r over %d checkpoints of fine-tuning is %.2f (%.2f to %.2f).",
                scatter.get().points().size(),
                r.estimate(),
                r.low(),
                r.high()));
  }

  /** Both accuracies along fine-tuning. */
  private static Curve curve(Result measured) {
    return new Curve(
        "pilot",
        "The pilot: both accuracies along vanilla fine-tuning",
        "Task accuracy on held-out questions and assessment accuracy on training questions of the checkpoints of one "
            + "fine-tuning run of the base model per seed; mean over "
            + measured.runs().get(0).size()
            + " seeds, bars are 95 % intervals. The candidates were drawn from the fine-tuned model.",
        "optimiser steps of VFT",
        "accuracy, %",
        measured.steps().stream().map(s -> Integer.toString(s)).toList(),
        List.of(
            new Curve.Line(
                "task accuracy", measured.runs().stream().map(StudyStatistics::accuracy).toList()),
            new Curve.Line(
                "assessment accuracy",
                measured.runs().stream()
                    .map(own -> StudyStatistics.assessment(own, Evaluation::learned))
                    .toList())));
  }

  /** One point per checkpoint. */
  private Optional<Scatter> scatter(Result measured) {
    List<Scatter.Point> points = new ArrayList<>();
    for (int c = 0; c < measured.steps().size(); c++) {
      for (int s = 0; s < measured.runs().get(c).size(); s++) {
        String name =
            "VFT, after "
                + measured.steps().get(c)
                + " steps, seed "
                + inputs.sweeps().arms().seeds().get(s);
        StudyStatistics.point(name, measured.runs().get(c).get(s)).ifPresent(points::add);
      }
    }
    return StudyStatistics.scatter(
        "The pilot: task accuracy against assessment accuracy",
        "One point per checkpoint of vanilla fine-tuning. Checkpoints of one run are not independent models, so the interval "
            + "of r is too narrow.",
        points);
  }
}
