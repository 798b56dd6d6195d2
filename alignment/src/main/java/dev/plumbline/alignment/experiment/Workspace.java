package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.train.Snapshots;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The stages that all experiments share: sampling, fine-tuning, training and evaluation. A stage
 * whose file exists is not run again; the file is read.
 *
 * @param output directory of the run, or of a part of it
 * @param fineTuning of the base model
 * @param arms training of every arm
 * @param snapshots number of models along the first seed's training of every arm, the result among
 *     them; 0 = the result alone
 * @param console shows stages and progress
 */
public record Workspace(
    Path output, FineTuning fineTuning, ArmTraining arms, int snapshots, RunConsole console) {
  public static final String EVALUATION = "evaluation.json";

  private static final int SAVE_EVERY = 100;

  /** A workspace without snapshots of arms. */
  public Workspace(Path output, FineTuning fineTuning, ArmTraining arms, RunConsole console) {
    this(output, fineTuning, arms, 0, console);
  }

  /** A workspace of the same run for a part with a directory or a training of its own. */
  public Workspace with(Path folder, ArmTraining training) {
    return new Workspace(folder, fineTuning, training, snapshots, console);
  }

  /** A workspace with the first seeds of the arms alone. */
  public Workspace withSeeds(int count) {
    return with(output, arms.withSeeds(count));
  }

  /** A workspace whose arms are all trained as one of them is. */
  public Workspace of(String arm) {
    return with(output, arms.of(arm));
  }

  /** A workspace with another fine-tuning. */
  public Workspace with(FineTuning tuning) {
    return new Workspace(output, tuning, arms, snapshots, console);
  }

  /** A workspace that keeps models along training. */
  public Workspace withSnapshots(int count) {
    return new Workspace(output, fineTuning, arms, count, console);
  }

  /** A file or a directory of the run. */
  public Path file(String name) {
    return output.resolve(name);
  }

  /** The models of an arm, one per seed. */
  public List<Path> models(String arm) {
    return models(output.resolve("arms").resolve(arm));
  }

  /** The models of an arm in a directory of its own, one per seed. */
  public List<Path> models(Path folder) {
    return arms.seeds().stream()
        .map(seed -> folder.resolveSibling(folder.getFileName() + "-seed-" + seed))
        .toList();
  }

  /**
   * The start of all arms: the base model, or what fine-tuning on the problems makes of it.
   *
   * @param rows training file, written from the problems' reference solutions unless it exists
   */
  public Path start(Path base, List<Problem> problems, Path rows, Path folder) throws IOException {
    return fineTuning.needed() ? fineTune(base, problems, rows, folder, 0, 0) : base;
  }

  /** Fine-tunes the base model on the references of problems; returns the model. */
  public Path fineTune(
      Path base, List<Problem> problems, Path rows, Path folder, long seed, int snapshots)
      throws IOException {
    if (!Files.isRegularFile(rows)) {
      ReferenceRows.references(rows, problems);
    }
    String what = "VFT of the base model" + (snapshots > 0 ? ", seed " + seed : "");
    ArmTraining own =
        new ArmTraining(
            List.of(seed), fineTuning.epochs(), fineTuning.batchSize(), fineTuning.learningRate());
    run(what, settings(base, rows, new Vft(), folder, seed, own, Snapshots.all(snapshots)));
    return folder;
  }

  /** Trains an arm once per seed; returns its models. */
  public List<Path> train(Arm arm, Path from) {
    return of(arm.id())
        .train(arm.label(), from, arm.rows(), arm.objective(), file("arms").resolve(arm.id()));
  }

  /** Trains once per seed into directories that begin with {@code folder}. */
  public List<Path> train(String what, Path from, Path rows, Objective objective, Path folder) {
    List<Path> models = models(folder);
    for (int s = 0; s < models.size(); s++) {
      long seed = arms.seeds().get(s);
      train(what + ", seed " + seed, from, rows, objective, models.get(s), seed);
    }
    return models;
  }

  /** Trains one model into a directory. */
  public void train(
      String what, Path from, Path rows, Objective objective, Path folder, long seed) {
    int kept = seed == arms.seeds().get(0) ? snapshots : 0;
    run(what, settings(from, rows, objective, folder, seed, arms, Snapshots.all(kept)));
  }

  /** Whether a model is trained already. */
  public boolean trained(Path model) {
    return Files.isRegularFile(model.resolve("result.json"));
  }

  /** The snapshots of a run in their order, the finished model last; a short run has no others. */
  public static List<Path> checkpoints(Path model) throws IOException {
    Path folder = model.resolve("snapshots");
    if (!Files.isDirectory(folder)) {
      return List.of(model);
    }
    try (Stream<Path> snapshots = Files.list(folder)) {
      return Stream.concat(snapshots.sorted(), Stream.of(model)).toList();
    }
  }

  private void run(String what, TrainSettings training) {
    if (!trained(training.output().directory())) {
      console.stage("Training " + what);
      console.train(training);
    }
  }

  private TrainSettings settings(
      Path from,
      Path rows,
      Objective objective,
      Path folder,
      long seed,
      ArmTraining own,
      Snapshots snapshots) {
    return new TrainSettings(
        new TrainSettings.From(from, from, own.lora()),
        objective,
        TrainSettings.Rows.of(rows, seed),
        TrainSettings.Budget.epochs(own.epochs(), own.batchSize()),
        TrainSettings.Optimiser.cosine(own.learningRate()),
        TrainSettings.Output.of(folder, SAVE_EVERY).withSnapshots(snapshots),
        TrainSettings.Execution.fused(output.resolve("reference-cache")));
  }

  /** Evaluates the start and trains and evaluates every arm; by id, the start first. */
  public Map<String, Trained> arms(
      String startId, String startLabel, Path start, List<Arm> arms, Evaluator evaluator)
      throws IOException {
    Map<String, Trained> trained = new LinkedHashMap<>();
    trained.put(startId, start(startLabel, start, evaluator));
    for (Arm arm : arms) {
      trained.put(arm.id(), arm(arm, start, evaluator));
    }
    return trained;
  }

  /** Trains and evaluates an arm. */
  public Trained arm(Arm arm, Path from, Evaluator evaluator) throws IOException {
    List<Path> models = train(arm, from);
    return new Trained(
        arm.label(),
        arm.description(),
        arms.seeds(),
        models,
        evaluate(arm.label(), models, EVALUATION, evaluator));
  }

  /** Evaluates the model that all arms start from. */
  public Trained start(String label, Path start, Evaluator evaluator) throws IOException {
    Path file = file("start").resolve(EVALUATION);
    return Trained.start(label, evaluate(label, start, file, evaluator));
  }

  /** Evaluates the models of an arm, one per seed, each into a file of its directory. */
  public List<Evaluation> evaluate(String what, List<Path> models, String file, Evaluator evaluator)
      throws IOException {
    List<Evaluation> evaluations = new ArrayList<>();
    for (int s = 0; s < models.size(); s++) {
      String run = models.size() == 1 ? what : what + ", seed " + arms.seeds().get(s);
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
        evaluator.responses(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            return evaluator.evaluate(checkpoint, bar);
          }
        },
        Evaluation.class);
  }

  /** Samples {@code count} solutions of each problem from a model; {@code what} names problems. */
  public List<List<ProblemSampler.Solution>> sample(
      String what,
      Path model,
      List<Problem> problems,
      int count,
      SamplingOptions options,
      long seed)
      throws IOException {
    String text = "Sampling " + count + " solutions for each of " + problems.size() + " " + what;
    return shown(
        text,
        "sample",
        (long) problems.size() * count,
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            return ProblemSampler.solve(
                checkpoint, problems, count, options, seed, OpMode.FUSED, bar);
          }
        });
  }

  /** The work of a stage. */
  public interface Maker<T> {
    T make(RunConsole.ProgressBar bar) throws IOException;
  }

  /** Announces a stage by a line of text and runs it with a labelled progress bar. */
  public <T> T shown(String text, String label, long total, Maker<T> maker) throws IOException {
    console.stage(text);
    try (RunConsole.ProgressBar bar = console.bar(label, total)) {
      return maker.make(bar);
    }
  }

  /**
   * Reads the result of a stage from its file, or runs the stage and keeps its result there.
   *
   * @param file whose name labels the progress bar
   * @param text one line that announces the stage
   * @param total length of the bar
   */
  public <T> T kept(Path file, String text, long total, Maker<T> maker, Class<T> type)
      throws IOException {
    String label = file.getFileName().toString().replace(".json", "");
    return kept(file, () -> shown(text, label, total, maker), type);
  }

  /** The work of several stages with one result. */
  public interface Work<T> {
    T make() throws IOException;
  }

  /** The same for work that shows its own stages. */
  public <T> T kept(Path file, Work<T> work, Class<T> type) throws IOException {
    if (!Files.isRegularFile(file)) {
      RunFiles.writeJson(file, work.make());
    }
    return Jsonl.mapper().readValue(file.toFile(), type);
  }
}
