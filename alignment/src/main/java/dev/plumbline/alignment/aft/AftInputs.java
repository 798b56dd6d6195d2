package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluator;
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
            settings.setup().maxTokens(),
            settings.extras().candidates(),
            settings.methods().ranking());
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

  /** The base model. */
  Path base() throws IOException {
    return settings.setup().base();
  }

  /** The fine-tuned model that the candidates are drawn from. */
  Path start() throws IOException {
    return workspace.start(
        base(), problems.train(), workspace.file("train.jsonl"), workspace.file("vft"));
  }

  /** The model that the arms start from. */
  Path from() throws IOException {
    return settings.methods().fromBase() ? base() : start();
  }

  /** Greedy answers to questions, and the assessment of the drawn candidates. */
  Evaluator evaluator(List<Problem> questions) {
    return new Evaluator(
        questions, files.learned(), files.heldOut(), settings.setup().maxTokens(), OpMode.FUSED);
  }
}
