package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.ExecutedGenerator;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.alignment.python.Python;
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
import java.util.List;
import java.util.function.Function;

/**
 * A format of solutions: chain of thought or code-integrated. Each has its own directory, problems
 * and start.
 *
 * @param label its name in tables
 * @param workspace in its directory
 * @param problems in this format
 * @param segmentation what a step is
 * @param solvers makes the generator of a model's solutions
 * @param fineTuned makes the start of all arms
 */
record Format(
    String label,
    Workspace workspace,
    ProblemSplit problems,
    Segmentation segmentation,
    Function<Checkpoint, Generator> solvers,
    Start fineTuned) {

  /** Fine-tunes the base model, unless it is done. */
  interface Start {
    Path make() throws IOException;
  }

  static Format chain(ScdpoSettings settings, Workspace run, ProblemSplit problems) {
    Workspace own =
        run.with(run.file("chain"), settings.arms())
            .withSnapshots(settings.setup().generated() ? settings.extras().creditSnapshots() : 0);
    return new Format(
        "chain of thought",
        own,
        problems,
        Segmentation.LINE,
        model -> new PlainGenerator(model, settings.setup().sizes().maxTokens(), OpMode.FUSED),
        () ->
            own.start(
                settings.setup().base(settings.fineTuning()),
                problems.lessons(),
                own.file("train.jsonl"),
                own.file("sft")));
  }

  /** Generated problems only: the published sets have no code. */
  static Format code(ScdpoSettings settings, Workspace run, ProblemSplit problems, Python python) {
    Workspace own = run.with(run.file("code"), settings.codeArms());
    ProblemSplit coded = problems.map(CodeProblems::of);
    return new Format(
        "code-integrated",
        own,
        coded,
        Segmentation.BLOCK,
        model ->
            new ExecutedGenerator(
                model, python, 2 * settings.setup().sizes().maxTokens(), OpMode.FUSED),
        () -> lessons(settings, own));
  }

  /** Fine-tunes on generated problems that teach the model to write code. */
  private static Path lessons(ScdpoSettings settings, Workspace own) throws IOException {
    Path model = own.file("sft");
    if (own.trained(model)) {
      return model;
    }
    Path base = settings.setup().base(settings.fineTuning());
    List<Problem> lessons =
        CodeProblems.of(
            ProblemSplit.otherWords(EmbeddedModel.PROBLEM_SEED + 3)
                .train(settings.code().questions()));
    Path rows = own.file("train.jsonl");
    if (!Files.isRegularFile(rows)) {
      references(rows, lessons, base);
    }
    FineTuning tuning = settings.fineTuning().needed() ? settings.fineTuning() : FineTuning.DEFAULT;
    return own.with(tuning).fineTune(base, lessons, rows, model, 0, 0);
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

  /** The start of all arms. */
  Path start() throws IOException {
    return fineTuned.make();
  }

  /** Whether an arm is trained. */
  boolean trains(String arm) {
    return workspace.arms().trains(arm);
  }

  /** Whether any arm is trained; a format without is left out. */
  boolean trainsAny() {
    return PairsPart.ARMS.stream().anyMatch(this::trains);
  }

  /** Name of an arm in comparisons. */
  String named(String arm) {
    return arm + " (" + label + ")";
  }
}
