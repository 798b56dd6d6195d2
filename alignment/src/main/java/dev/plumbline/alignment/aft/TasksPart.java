package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.LetterScorer;
import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Pair;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.Trained;
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
 * One model for several tasks (AFT paper, section 5): fine-tuned on all of them, its candidates
 * drawn for each, VFT and AFT trained on all candidates together, and measured on each task and on
 * multiple choice by the letters' probabilities.
 */
final class TasksPart implements Part<Map<String, Map<String, Trained>>> {
  private static final String LETTERS = "letters";
  private static final List<String> METHODS = List.of(AftMethods.VFT, AftMethods.DC, AftMethods.BC);

  private final AftInputs inputs;
  private final Workspace workspace;
  private final List<TaskProblems.Task> tasks;
  private final List<Problem> letters;

  TasksPart(AftInputs inputs) {
    this.inputs = inputs;
    this.workspace =
        inputs
            .workspace()
            .with(inputs.workspace().file("tasks"), inputs.settings().arms())
            .with(
                inputs.settings().fineTuning().needed()
                    ? inputs.settings().fineTuning()
                    : FineTuning.DEFAULT);
    this.tasks = TaskProblems.tasks(inputs.settings());
    this.letters = letters(inputs.settings().tasks().letters());
  }

  /** The claim of a run without these tables. */
  static Claim leftOut() {
    return Claim.leftOut("One model for several tasks: AFT solves more than VFT", "section 5");
  }

  /** MMLU's way, on its file or on the held-out problems of the tasks that have options. */
  private List<Problem> letters(Path file) {
    return file != null
        ? ProblemFiles.read(file)
        : tasks.stream()
            .flatMap(task -> task.problems().test().stream())
            .filter(problem -> !problem.options().isEmpty())
            .toList();
  }

  /** Names of the tables. */
  private List<String> tables() {
    List<String> names = new ArrayList<>(tasks.stream().map(TaskProblems.Task::name).toList());
    if (!letters.isEmpty()) {
      names.add(LETTERS);
    }
    return names;
  }

  private static String on(String arm, String task) {
    return arm + " on " + task;
  }

  private List<Arm> arms() {
    Path joint = workspace.file("candidates.jsonl");
    AftMethods.Rows rows = new AftMethods.Rows(joint, joint, joint, false);
    return AftMethods.binary(inputs.settings().methods(), rows).stream()
        .filter(arm -> METHODS.contains(arm.id()))
        .toList();
  }

  @Override
  public Outline outline() {
    List<String> ids = new ArrayList<>();
    List<Pair> pairs = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (String task : tables()) {
      for (Arm arm : arms()) {
        String id = on(arm.id(), task);
        String vft = on(AftMethods.VFT, task);
        ids.add(id);
        if (!id.equals(vft)) {
          pairs.add(new Pair(vft, id));
          claims.add(
              new Claim(
                  "One model for several tasks: "
                      + arm.label()
                      + " solves more than VFT on "
                      + task,
                  "section 5, multi-task",
                  new Criterion.SolvesMore(id, vft)));
        }
      }
    }
    return Outline.of(ids, pairs, List.of(), claims);
  }

  /** Arms by id, by task. */
  @Override
  public Map<String, Map<String, Trained>> run() throws IOException {
    Path start = start();
    List<Path> rows = new ArrayList<>();
    Map<String, AftFiles> files = new LinkedHashMap<>();
    for (TaskProblems.Task task : tasks) {
      AftFiles own = files(task.name());
      own.draw(start, task.problems());
      files.put(task.name(), own);
      rows.add(own.binary());
    }
    join(rows);
    Map<String, List<Path>> models = new LinkedHashMap<>();
    for (Arm arm : arms()) {
      String what = "multi-task " + arm.label();
      models.put(
          arm.id(),
          workspace
              .of(arm.id())
              .train(what, start, arm.rows(), arm.objective(), workspace.file(arm.id())));
    }
    Map<String, Map<String, Trained>> results = new LinkedHashMap<>();
    for (TaskProblems.Task task : tasks) {
      results.put(task.name(), measure(task, files.get(task.name()), models));
    }
    if (!letters.isEmpty()) {
      results.put(LETTERS, scoreLetters(models));
    }
    return results;
  }

  private AftFiles files(String task) {
    Workspace folder = workspace.with(workspace.file(task), inputs.settings().arms());
    AftSettings settings = inputs.settings();
    return new AftFiles(
        folder, settings.draws(), settings.setup().sizes().maxTokens(), List.of(), false, false);
  }

  /** Fine-tuned on all tasks; the embedded model learns to choose options before. */
  private Path start() throws IOException {
    Path base = inputs.settings().setup().base(inputs.settings().fineTuning());
    List<Problem> choices = TaskProblems.choices(inputs.settings());
    if (!choices.isEmpty()) {
      base =
          workspace.fineTune(
              base, choices, workspace.file("choices.jsonl"), workspace.file("choosing"), 0, 0);
    }
    List<Problem> all = new ArrayList<>();
    tasks.forEach(task -> all.addAll(task.problems().train()));
    return workspace.fineTune(
        base, all, workspace.file("train.jsonl"), workspace.file("vft"), 0, 0);
  }

  private void join(List<Path> files) {
    Path joint = workspace.file("candidates.jsonl");
    if (!Files.isRegularFile(joint)) {
      List<TrainingRow> rows = new ArrayList<>();
      files.forEach(file -> rows.addAll(TrainingRows.read(file)));
      TrainingRows.write(joint, rows);
    }
  }

  private Map<String, Trained> measure(
      TaskProblems.Task task, AftFiles files, Map<String, List<Path>> models) throws IOException {
    Evaluator evaluator =
        new Evaluator(
            task.problems().test(),
            files.learned(),
            files.heldOut(),
            inputs.settings().setup().sizes().maxTokens(),
            OpMode.FUSED);
    Map<String, Trained> measured = new LinkedHashMap<>();
    for (Arm arm : arms()) {
      String what = "multi-task " + arm.label() + " on " + task.name();
      String file = "evaluation-" + task.name() + ".json";
      List<Path> own = models.get(arm.id());
      measured.put(arm.id(), trained(arm, own, workspace.evaluate(what, own, file, evaluator)));
    }
    return measured;
  }

  private Map<String, Trained> scoreLetters(Map<String, List<Path>> models) throws IOException {
    Map<String, Trained> measured = new LinkedHashMap<>();
    for (Arm arm : arms()) {
      List<Evaluation> evaluations = new ArrayList<>();
      for (Path model : models.get(arm.id())) {
        evaluations.add(scoreLetters("multi-task " + arm.label(), model));
      }
      measured.put(arm.id(), trained(arm, models.get(arm.id()), evaluations));
    }
    return measured;
  }

  private Trained trained(Arm arm, List<Path> models, List<Evaluation> evaluations) {
    return new Trained(
        arm.label(),
        "one model for all tasks",
        inputs.settings().arms().seeds(),
        models,
        evaluations);
  }

  private Evaluation scoreLetters(String what, Path model) throws IOException {
    return workspace.kept(
        model.resolve("evaluation-letters.json"),
        "Scoring the letters of " + what,
        letters.size(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            List<Evaluation.Answer> answers =
                LetterScorer.score(checkpoint, letters, OpMode.FUSED).stream()
                    .map(c -> new Evaluation.Answer(c.letter(), c.correct(), false))
                    .toList();
            return new Evaluation(answers, Double.NaN, Assessment.NONE, Assessment.NONE);
          }
        },
        Evaluation.class);
  }

  @Override
  public void report(Map<String, Map<String, Trained>> measured, Findings findings) {
    findings.fact("Several tasks", TaskProblems.describe(inputs.settings(), tasks));
    measured.forEach(
        (task, arms) -> {
          arms.forEach(
              (id, arm) -> findings.arm(on(id, task), on(arm.label(), task), arm.evaluations()));
          findings.table(
              task.equals(LETTERS)
                  ? "Multi-task: multiple choice by the probability of the letters alone, without reasoning (as MMLU is scored)"
                  : "Multi-task: " + task,
              arms.values());
        });
  }
}
