package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.data.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The pilot experiment (AFT paper, section 3): models along vanilla fine-tuning of the base model,
 * each with its task accuracy and its assessment accuracy.
 *
 * @param seeds of the runs
 * @param steps optimiser steps at each checkpoint
 * @param runs by checkpoint, then by seed
 */
record AftPilot(List<Long> seeds, List<Integer> steps, List<List<Evaluation>> runs) {
  /** Fine-tunes once a seed, keeping checkpoints, and evaluates all of them. */
  static AftPilot run(
      AftSettings settings, Workspace stages, Path base, List<Problem> train, Evaluator evaluator)
      throws IOException {
    List<List<Path>> models = new ArrayList<>(); // by seed, then by checkpoint
    for (Path output : Workspace.models(settings.output().resolve("pilot/vft"), settings.seeds())) {
      long seed = settings.seeds().get(models.size());
      Path rows = settings.output().resolve("train.jsonl");
      stages.fineTune(base, train, rows, output, seed, settings.checkpoints());
      models.add(checkpoints(output));
    }
    List<Integer> steps = models.get(0).stream().map(AftPilot::steps).toList();
    List<List<Evaluation>> runs = new ArrayList<>();
    for (int c = 0; c < steps.size(); c++) {
      int checkpoint = c;
      List<Path> same = models.stream().map(own -> own.get(checkpoint)).toList();
      String what = "VFT after " + steps.get(c) + " steps";
      runs.add(stages.evaluate(what, same, Workspace.EVALUATION, evaluator));
    }
    return new AftPilot(settings.seeds(), steps, runs);
  }

  /** The snapshots of a run in their order, the finished model last. */
  private static List<Path> checkpoints(Path output) throws IOException {
    try (Stream<Path> snapshots = Files.list(output.resolve("snapshots"))) {
      return Stream.concat(snapshots.sorted(), Stream.of(output)).toList();
    }
  }

  /** The run's figures say how many steps the finished model took. */
  private static int steps(Path model) {
    String name = model.getFileName().toString();
    return name.startsWith("step-")
        ? Integer.parseInt(name.substring("step-".length()))
        : RunFiles.readJson(model.resolve("result.json")).path("steps").asInt();
  }

  /** Both accuracies along fine-tuning. */
  Study.Curve curve() {
    return new Study.Curve(
        "pilot",
        "The pilot: both accuracies along vanilla fine-tuning",
        "Task accuracy on held-out questions and assessment accuracy on training questions of the checkpoints of one "
            + "fine-tuning run of the base model a seed; mean over "
            + seeds.size()
            + " seeds, bars are 95 % bootstrap intervals over questions. The candidates were drawn from the fine-tuned model.",
        "optimiser steps of VFT",
        "accuracy, %",
        steps.stream().map(s -> Integer.toString(s)).toList(),
        List.of(
            new Study.Line("task accuracy", runs.stream().map(StudyStatistics::accuracy).toList()),
            new Study.Line(
                "assessment accuracy",
                runs.stream()
                    .map(own -> StudyStatistics.assessment(own, Evaluation::learned))
                    .toList())));
  }

  /** One point a checkpoint. */
  Study.Scatter scatter() {
    List<Study.Point> points = new ArrayList<>();
    IntStream.range(0, steps.size())
        .forEach(
            c ->
                IntStream.range(0, seeds.size())
                    .forEach(
                        s ->
                            StudyStatistics.point(
                                    "VFT, after " + steps.get(c) + " steps, seed " + seeds.get(s),
                                    runs.get(c).get(s))
                                .ifPresent(points::add)));
    return StudyStatistics.scatter(
        "The pilot: task accuracy against assessment accuracy",
        "One point a checkpoint of vanilla fine-tuning. Checkpoints of one run are no independent models, so the interval "
            + "of r is too narrow.",
        points);
  }
}
