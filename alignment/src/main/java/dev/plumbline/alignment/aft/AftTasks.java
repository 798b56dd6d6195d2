package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.LetterScorer;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One model for several tasks (AFT paper, section 5; spec 6.5): fine-tuned on all of them, its
 * candidates drawn for each, VFT and AFT trained on the concatenation, shuffled, and measured on
 * each task and on multiple choice by the letters' probabilities.
 */
final class AftTasks {
  /** Key of the letters' table. */
  static final String LETTERS = "letters";

  private static final List<String> METHODS = List.of(AftArm.VFT, "AFT-DC", "AFT-BC");

  private final AftSettings settings;
  private final Workspace stages;
  private final Path folder;

  AftTasks(AftSettings settings, Workspace stages) {
    this.settings = settings;
    this.stages = stages;
    this.folder = settings.output().resolve("tasks");
  }

  /**
   * What was measured on a task.
   *
   * @param task its name
   * @param arms evaluations by method, then by seed
   * @param models the same for the trained models
   */
  record Result(String task, Map<String, List<Evaluation>> arms, Map<String, List<Path>> models) {}

  /** Runs all of it. */
  List<Result> run(Path base, RunConsole console) throws IOException {
    List<AftProblems.Task> tasks = AftProblems.tasks(settings);
    List<Problem> all = new ArrayList<>();
    tasks.forEach(task -> all.addAll(task.problems().train()));
    Path start =
        stages.fineTune(
            choosing(base), all, folder.resolve("train.jsonl"), folder.resolve("vft"), 0, 0);
    Map<String, AftFiles> files = new LinkedHashMap<>();
    for (AftProblems.Task task : tasks) {
      AftFiles own = new AftFiles(settings, folder.resolve(task.name()), false);
      own.draw(start, task.problems().train(), task.problems().test(), console);
      files.put(task.name(), own);
    }
    Path joint = join(files.values().stream().map(f -> f.binary(settings.candidates())).toList());
    Map<String, List<Path>> models = new LinkedHashMap<>();
    for (AftArm arm : AftArm.binary(settings.beta(), settings.dpoBeta())) {
      if (METHODS.contains(arm.name())) {
        String what = "multi-task " + arm.name();
        models.put(
            arm.name(),
            stages.train(what, start, joint, arm.objective(), folder.resolve(arm.key())));
      }
    }
    List<Result> results = new ArrayList<>();
    for (AftProblems.Task task : tasks) {
      results.add(measure(task, files.get(task.name()), models));
    }
    results.add(letters(tasks, models));
    return results;
  }

  /** The base model, taught to choose options where it is the embedded one. */
  private Path choosing(Path base) throws IOException {
    List<Problem> choices = AftProblems.choices(settings);
    return choices.isEmpty()
        ? base
        : stages.fineTune(
            base, choices, folder.resolve("choices.jsonl"), folder.resolve("choosing"), 0, 0);
  }

  private Path join(List<Path> files) {
    Path joint = folder.resolve("candidates.jsonl");
    if (!Files.isRegularFile(joint)) {
      List<TrainingRow> rows = new ArrayList<>();
      files.forEach(file -> rows.addAll(TrainingRows.read(file)));
      TrainingRows.write(joint, rows);
    }
    return joint;
  }

  private Result measure(AftProblems.Task task, AftFiles files, Map<String, List<Path>> models)
      throws IOException {
    Evaluator evaluator =
        new Evaluator(
            task.problems().test(),
            files.learned(),
            files.heldOut(),
            settings.maxTokens(),
            OpMode.FUSED);
    Map<String, List<Evaluation>> arms = new LinkedHashMap<>();
    for (Map.Entry<String, List<Path>> arm : models.entrySet()) {
      String what = "multi-task " + arm.getKey() + " on " + task.name();
      String file = "evaluation-" + task.name() + ".json";
      arms.put(arm.getKey(), stages.evaluate(what, arm.getValue(), file, evaluator));
    }
    return new Result(task.name(), arms, models);
  }

  /** MMLU's way, on its file or on the held-out problems of the tasks that have options. */
  private Result letters(List<AftProblems.Task> tasks, Map<String, List<Path>> models)
      throws IOException {
    List<Problem> problems = new ArrayList<>();
    if (settings.letters() != null) {
      problems.addAll(ProblemFiles.read(settings.letters()));
    } else {
      tasks.forEach(task -> problems.addAll(task.problems().test()));
      problems.removeIf(p -> p.options().isEmpty());
    }
    Map<String, List<Evaluation>> arms = new LinkedHashMap<>();
    if (!problems.isEmpty()) {
      for (Map.Entry<String, List<Path>> arm : models.entrySet()) {
        List<Evaluation> evaluations = new ArrayList<>();
        for (Path model : arm.getValue()) {
          evaluations.add(letters("multi-task " + arm.getKey(), model, problems));
        }
        arms.put(arm.getKey(), evaluations);
      }
    }
    return new Result(LETTERS, arms, models);
  }

  private Evaluation letters(String what, Path model, List<Problem> problems) throws IOException {
    return stages.kept(
        model.resolve("evaluation-letters.json"),
        "Scoring the letters of " + what,
        problems.size(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            List<Evaluation.Answer> answers =
                LetterScorer.score(checkpoint, problems, OpMode.FUSED).stream()
                    .map(c -> new Evaluation.Answer(c.letter(), c.correct(), false))
                    .toList();
            return new Evaluation(answers, Double.NaN, Assessment.NONE, Assessment.NONE);
          }
        },
        Evaluation.class);
  }
}
