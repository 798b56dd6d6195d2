package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.train.Snapshots;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Training and evaluating, the stages that all parts of a reproduction consist of. What has been
 * made is read instead of being made again.
 */
public final class Workspace {
  public static final String EVALUATION = "evaluation.json";

  private final Settings settings;
  private final RunConsole console;

  /**
   * What the stages of a reproduction have in common.
   *
   * @param output directory of the run
   * @param seeds one run of every arm each
   * @param vftEpochs passes of vanilla fine-tuning before anything else
   * @param vftLearningRate its peak rate
   * @param epochs passes of an arm
   * @param batchSize rows a step
   * @param learningRate peak rate of an arm
   * @param lora adapters in place of full fine-tuning of the arms, or null
   */
  public record Settings(
      Path output,
      List<Long> seeds,
      double vftEpochs,
      double vftLearningRate,
      double epochs,
      int batchSize,
      double learningRate,
      Lora.Settings lora) {}

  public Workspace(Settings settings, RunConsole console) {
    this.settings = settings;
    this.console = console;
  }

  /** Where the models of an arm lie, one a seed. */
  public static List<Path> models(Path folder, List<Long> seeds) {
    return seeds.stream()
        .map(seed -> folder.resolveSibling(folder.getFileName() + "-seed-" + seed))
        .toList();
  }

  /** Vanilla fine-tuning of the base model on the references of problems; returns the model. */
  public Path fineTune(
      Path base, List<Problem> problems, Path rows, Path output, long seed, int snapshots)
      throws IOException {
    if (!Files.isRegularFile(rows)) {
      ReferenceRows.references(rows, problems);
    }
    String what = "VFT of the base model" + (snapshots > 0 ? ", seed " + seed : "");
    double epochs = settings.vftEpochs();
    train(
        what,
        base,
        rows,
        new Vft(),
        output,
        seed,
        epochs,
        settings.vftLearningRate(),
        snapshots,
        null);
    return output;
  }

  /** Trains an arm once a seed; returns its models. */
  public List<Path> train(String what, Path from, Path data, Objective objective, Path folder) {
    List<Path> models = models(folder, settings.seeds());
    for (int s = 0; s < models.size(); s++) {
      long seed = settings.seeds().get(s);
      train(
          what + ", seed " + seed,
          from,
          data,
          objective,
          models.get(s),
          seed,
          settings.epochs(),
          settings.learningRate(),
          0,
          settings.lora());
    }
    return models;
  }

  private void train(
      String what,
      Path from,
      Path data,
      Objective objective,
      Path output,
      long seed,
      double epochs,
      double learningRate,
      int snapshots,
      Lora.Settings lora) {
    if (Files.isRegularFile(output.resolve("result.json"))) {
      return;
    }
    console.stage("Training " + what);
    console.train(
        new TrainSettings(
            new TrainSettings.From(from, from, lora),
            objective,
            TrainSettings.Rows.of(data, seed),
            TrainSettings.Budget.epochs(epochs, settings.batchSize()),
            TrainSettings.Optimiser.cosine(learningRate),
            TrainSettings.Output.of(output, 100).withSnapshots(Snapshots.all(snapshots)),
            TrainSettings.Execution.fused(settings.output().resolve("reference-cache"))));
  }

  /** Evaluates the models of an arm, one a seed, each into a file of its directory. */
  public List<Evaluation> evaluate(String what, List<Path> models, String file, Evaluator evaluator)
      throws IOException {
    List<Evaluation> evaluations = new ArrayList<>();
    for (int s = 0; s < models.size(); s++) {
      String run = models.size() == 1 ? what : what + ", seed " + settings.seeds().get(s);
      evaluations.add(evaluate(run, models.get(s), models.get(s).resolve(file), evaluator));
    }
    return evaluations;
  }

  /** Evaluates one model into a file. */
  public Evaluation evaluate(String what, Path model, Path file, Evaluator evaluator)
      throws IOException {
    return kept(
        file,
        "Evaluating " + what,
        evaluator.problems().size(),
        (bar) -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            return evaluator.evaluate(checkpoint, bar);
          }
        },
        Evaluation.class);
  }

  /** Makes something. */
  public interface Maker<T> {
    T make(RunConsole.ProgressBar bar) throws IOException;
  }

  /** Reads what a file keeps, or makes it and keeps it. */
  public <T> T kept(Path file, String stage, long total, Maker<T> maker, Class<T> type)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      console.stage(stage);
      try (RunConsole.ProgressBar bar = console.bar("evaluate", total)) {
        RunFiles.writeJson(file, maker.make(bar));
      }
    }
    return Jsonl.mapper().readValue(file.toFile(), type);
  }
}
