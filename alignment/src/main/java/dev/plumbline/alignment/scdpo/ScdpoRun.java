package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.ExecutedGenerator;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.wordproblems.CodeProblems;
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
 * The SCDPO paper's experiment (section 5): supervised fine-tuning, pairs of the model's own
 * solutions, and DPO, DPO on as many pairs, and SCDPO from the same start with the same seeds, on
 * chains of thought and on code-integrated solutions. Each stage leaves its file; a run that was
 * interrupted goes on from there.
 */
public final class ScdpoRun {
  /** Names of the two parts. */
  static final String CHAIN = "chain of thought";

  static final String CODE = "code-integrated";

  private final ScdpoSettings settings;
  private final String command;
  private final RunConsole console;

  /** A run that reports to {@code console}; {@code command} is what its user typed. */
  public ScdpoRun(ScdpoSettings settings, String command, RunConsole console) {
    this.settings = settings;
    this.command = command;
    this.console = console;
  }

  /** Runs all stages; the result also stands in {@code result.json}. */
  public Study run() throws IOException {
    try (RunLock lock = RunLock.directory(settings.output())) {
      return locked();
    }
  }

  private Study locked() throws IOException {
    RunFiles.claim(settings.output(), "reproduce scdpo", settings);
    Path base =
        settings.model() != null
            ? settings.model()
            : EmbeddedModel.extract(settings.output().resolve("model"));
    ProblemSplit problems = problems();
    Map<String, ScdpoPart.Result> parts = new LinkedHashMap<>();
    parts.put(CHAIN, chain(base, problems));
    String interpreter = "none: the code-integrated part was not run";
    if (settings.python() != null) {
      try (Python python = Python.start(settings.python(), Python.DEADLINE)) {
        interpreter = python.describe();
        parts.put(CODE, code(base, problems, python));
      }
    }
    Study result = new ScdpoStudy(settings, parts).build(facts(problems, interpreter));
    RunFiles.writeJson(settings.output().resolve("result.json"), result);
    return result;
  }

  private ProblemSplit problems() {
    int train = settings.trainQuestions();
    int test = settings.testQuestions();
    int pilot = settings.pilotQuestions();
    return settings.data() == null
        ? new ProblemSplit(
            ProblemSplit.words().train(train),
            ProblemSplit.words().test(test),
            ProblemSplit.words().validation(pilot),
            0)
        : ProblemSplit.read(settings.data(), settings.testData(), train, test, pilot);
  }

  private ScdpoPart.Result chain(Path base, ProblemSplit problems) throws IOException {
    console.stage("== Chains of thought");
    Path folder = settings.output().resolve("chain");
    Workspace stages = new Workspace(settings.stages(folder, settings.learningRate()), console);
    Path start =
        settings.vftEpochs() > 0
            ? stages.fineTune(
                base, problems.train(), folder.resolve("train.jsonl"), folder.resolve("sft"), 0, 0)
            : base;
    return new ScdpoPart(
            settings,
            console,
            folder,
            stages,
            Segmentation.LINE,
            checkpoint -> new PlainGenerator(checkpoint, settings.maxTokens(), OpMode.FUSED))
        .run(start, problems, settings.data() == null);
  }

  /** Generated problems only: the published sets have no code. */
  private ScdpoPart.Result code(Path base, ProblemSplit problems, Python python)
      throws IOException {
    console.stage("== Code-integrated solutions, run by " + python.describe());
    Path folder = settings.output().resolve("code");
    Workspace stages = new Workspace(settings.stages(folder, settings.codeLearningRate()), console);
    ProblemSplit coded =
        new ProblemSplit(
            CodeProblems.of(problems.train()),
            CodeProblems.of(problems.test()),
            CodeProblems.of(problems.validation()),
            0);
    List<Problem> lessons =
        new ArrayList<>(
            CodeProblems.of(
                ProblemSplit.otherWords(EmbeddedModel.PROBLEM_SEED + 3)
                    .train(settings.codeQuestions())));
    lessons.addAll(coded.train());
    Path rows = folder.resolve("train.jsonl");
    if (!Files.isRegularFile(rows)) {
      references(rows, lessons, base);
    }
    Path start = stages.fineTune(base, lessons, rows, folder.resolve("sft"), 0, 0);
    return new ScdpoPart(
            settings,
            console,
            folder,
            stages,
            Segmentation.BLOCK,
            checkpoint ->
                new ExecutedGenerator(checkpoint, python, 2 * settings.maxTokens(), OpMode.FUSED))
        .run(start, coded, false);
  }

  /** References of which the outputs are context only. */
  private static void references(Path file, List<Problem> problems, Path model) {
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      List<TrainingRow> rows = new ArrayList<>();
      for (Problem p : problems) {
        int[] ids = checkpoint.tokenizer().encodeResponse(p.prompt(), p.target());
        SteppedSolution steps = SteppedSolution.of(ids, checkpoint.tokenizer(), Segmentation.BLOCK);
        rows.add(
            new Completion(
                TokenText.ofText(p.prompt()), steps.after(0, checkpoint.tokenizer(), false)));
      }
      TrainingRows.write(file, rows);
    }
  }

  private List<DemoResult.Fact> facts(ProblemSplit problems, String interpreter) {
    return List.of(
        new DemoResult.Fact("Command", command),
        new DemoResult.Fact("Settings", settings.toString()),
        new DemoResult.Fact(
            "Model",
            settings.model() == null ? EmbeddedModel.DESCRIPTION : settings.model().toString()),
        new DemoResult.Fact("Training questions", Integer.toString(problems.train().size())),
        new DemoResult.Fact("Held-out questions", Integer.toString(problems.test().size())),
        new DemoResult.Fact("Python", interpreter),
        new DemoResult.Fact("Source", "Lu et al. 2024, arXiv 2407.00782; spec tags in the code"));
  }
}
