package dev.plumbline.alignment.cli;

import static dev.plumbline.alignment.cli.option.ReproduceOptions.or;
import static dev.plumbline.alignment.cli.option.ReproduceOptions.positive;

import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.Demo;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.StudyReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plumbline demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Aligns a small embedded model and compares it with plain fine-tuning.",
      "Samples solutions of generated word problems, aligns the model with AFT on its own correct and "
          + "wrong solutions, compares it with plain fine-tuning (VFT) on held-out questions, and writes a table and "
          + "report.html. If interrupted, run the same command again to resume."
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(
      names = "--output",
      defaultValue = "runs/demo",
      paramLabel = "DIR",
      description = "Directory of the run (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Take about a minute, for a look; the figures mean little.")
  private boolean quick;

  @Option(
      names = "--questions",
      description = "Training questions (default: 1000; 64 with --quick).")
  private Integer questions;

  @Option(
      names = "--test-questions",
      description = "Held-out questions (default: 800; 64 with --quick).")
  private Integer testQuestions;

  @Option(names = "--candidates", description = "Solutions per question (default: 8).")
  private Integer candidates;

  @Option(names = "--epochs", description = "Passes over the questions (default: 2).")
  private Double epochs;

  @Option(names = "--batch-size", description = "Questions per step (default: 16).")
  private Integer batchSize;

  @Option(
      names = "--learning-rate",
      description = "Peak learning rate of both arms (default: 1e-4).")
  private Double learningRate;

  @Option(
      names = "--boundary-margin",
      description =
          "AFT's beta: how far below the lowest-scoring correct candidate the boundary lies (default: 0.15).")
  private Double boundaryMargin;

  @Option(names = "--seed", description = "Random seed (default: 0).")
  private Long seed;

  @Override
  public Integer call() throws IOException {
    Demo.Settings settings = settings();
    long start = System.nanoTime();
    String typed =
        "./plumbline "
            + String.join(" ", command.root().commandLine().getParseResult().originalArgs());
    Study study = Demo.experiment(settings, typed, new Terminal()).run();
    System.out.println();
    System.out.print(StudyReport.table(study));
    System.out.printf(
        "%nA small model on generated problems: figures show what the method does here, not what it does at size.%n"
            + "Report: %s   (%.0f s)%n",
        output.resolve("report.html"), (System.nanoTime() - start) / 1e9);
    return 0;
  }

  private Demo.Settings settings() {
    Demo.Settings defaults = quick ? Demo.Settings.quick(output) : Demo.Settings.full(output);
    Setup setup = defaults.setup();
    ArmTraining arms = defaults.arms();
    return new Demo.Settings(
        new Setup(
            output,
            null,
            null,
            null,
            positive("questions", questions, setup.questions()),
            positive("test-questions", testQuestions, setup.testQuestions()),
            setup.maxTokens()),
        new ArmTraining(
            List.of(or(seed, arms.seeds().get(0))),
            or(epochs, arms.epochs()),
            positive("batch-size", batchSize, arms.batchSize()),
            or(learningRate, arms.learningRate())),
        positive("candidates", candidates, defaults.candidates()),
        or(boundaryMargin, defaults.boundaryMargin()));
  }
}
