package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.aft.AftSettings.Piece;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What all parts share: problems, the start, and the files of candidates. */
final class AftInputs {
  private final AftSettings settings;
  private final Workspace workspace;
  private final ProblemSplit problems;
  private final AftFiles files;

  AftInputs(AftSettings settings, RunConsole console) {
    this.settings = settings;
    this.workspace =
        new Workspace(settings.setup().output(), settings.fineTuning(), settings.arms(), console);
    this.problems = settings.setup().problems(settings.extras().validationQuestions());
    this.files =
        new AftFiles(
            workspace.with(workspace.file("candidates"), settings.arms()),
            settings.draws(),
            settings.setup().sizes().maxTokens(),
            settings.runs(Piece.CANDIDATES) ? settings.extras().candidates() : List.of(),
            settings.runs(Piece.RANKS),
            problems.answersOnly());
  }

  AftSettings settings() {
    return settings;
  }

  Workspace workspace() {
    return workspace;
  }

  ProblemSplit problems() {
    return problems;
  }

  AftFiles files() {
    return files;
  }

  /** The workspace of the pilot and of sweeps. */
  Workspace sweeps() {
    return workspace.withSeeds(settings.extras().sweepSeeds());
  }

  /** Whether the base model is known: not where a user's model is fine-tuned already. */
  boolean hasBase() {
    return settings.fineTuning().needed() || settings.setup().model() == null;
  }

  /** Fine-tuning of the base model: the run's own, or how the embedded one became fine-tuned. */
  FineTuning tuning() {
    return settings.fineTuning().needed() ? settings.fineTuning() : FineTuning.EMBEDDED;
  }

  /** The base model. */
  Path base() throws IOException {
    return hasBase() ? settings.setup().base(tuning()) : settings.setup().model();
  }

  /** The fine-tuned model that the candidates are drawn from. */
  Path start() throws IOException {
    return workspace.start(
        settings.setup().base(settings.fineTuning()),
        problems.lessons(),
        workspace.file("train.jsonl"),
        workspace.file("vft"));
  }

  /** The model that the arms start from. */
  Path from() throws IOException {
    return settings.methods().fromBase() ? base() : start();
  }

  /** Answers to the held-out questions, samples among them, and the assessment of candidates. */
  Evaluator evaluator() {
    return evaluator(problems.test()).withSamples(settings.setup().sizes().samples());
  }

  /** Greedy answers to questions, and the assessment of the drawn candidates. */
  Evaluator evaluator(List<Problem> questions) {
    return evaluator(questions, files.learned(), files.heldOut());
  }

  /** Greedy answers to questions, and the assessment of candidates of learned and of other ones. */
  Evaluator evaluator(List<Problem> questions, Path learned, Path heldOut) {
    int maxTokens = settings.setup().sizes().maxTokens();
    return new Evaluator(questions, learned, heldOut, maxTokens, OpMode.FUSED);
  }
}
