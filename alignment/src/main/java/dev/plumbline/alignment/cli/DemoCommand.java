package dev.plumbline.alignment.cli;

import static dev.plumbline.alignment.cli.option.ReproduceOptions.or;
import static dev.plumbline.alignment.cli.option.ReproduceOptions.positive;

import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.Demo;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.StudyReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
      "Aligns a small embedded model with its own right and wrong solutions.",
      "Samples solutions of generated word problems of which only the answer is known, aligns the model with the right and "
          + "the wrong ones (AFT-BC), compares it with as many steps of plain fine-tuning (VFT) on held-out questions, and "
          + "writes a table and report.html. If interrupted, run the same command again to resume."
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
      description = "New questions that solutions are drawn for (default: 2800; 64 with --quick).")
  private Integer questions;

  @Option(
      names = "--test-questions",
      description = "Held-out questions (default: 1200; 64 with --quick).")
  private Integer testQuestions;

  @Option(
      names = "--held-out",
      defaultValue = "test",
      paramLabel = "test|validation",
      description =
          "Which questions those are; validation: those that settings are chosen by (default: ${DEFAULT-VALUE}).")
  private ProblemSplit.HeldOut heldOut;

  @Option(
      names = "--lessons",
      description =
          "References that AFT-BC rehearses, of the 2000 that the model was fine-tuned on (default: 600; 64 with --quick).")
  private Integer lessons;

  @Option(names = "--candidates", description = "Solutions per question (default: 4).")
  private Integer candidates;

  @Option(names = "--epochs", description = "Passes over the questions (default: 2).")
  private Double epochs;

  @Option(names = "--batch-size", description = "Questions per step (default: 16).")
  private Integer batchSize;

  @Option(
      names = "--learning-rate",
      description = "Peak learning rate of the arms without one of their own (default: 1e-3).")
  private Double learningRate;

  @Option(
      names = "--learning-rates",
      split = ",",
      paramLabel = "ARM=RATE",
      description =
          "Peak learning rates of single arms, vft and aft-bc (default: vft=1e-4; both chosen on validation questions).")
  private Map<String, Double> learningRates;

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
    Invocation invocation =
        Invocation.of("demo", ReproduceOptions.typed(command), quick, settings.options());
    Study study = Demo.experiment(settings, invocation, new Terminal()).run();
    System.out.println();
    System.out.print(StudyReport.table(study));
    System.out.printf(
        "%nA small model on generated problems: figures show what the method does here, not what it does at size.%n"
            + "Report: %s   (%.0f s)%n",
        output.resolve("report.html"), (System.nanoTime() - start) / 1e9);
    return 0;
  }

  Demo.Settings settings() {
    Demo.Settings defaults = quick ? Demo.Settings.quick(output) : Demo.Settings.full(output);
    Setup setup = defaults.setup();
    ArmTraining arms = defaults.arms();
    Setup.Sizes sizes = setup.sizes();
    return new Demo.Settings(
        setup
            .withHeldOut(heldOut)
            .withSizes(
                new Setup.Sizes(
                    or(questions, sizes.questions()),
                    or(testQuestions, sizes.testQuestions()),
                    sizes.samples(),
                    sizes.maxTokens())),
        new ArmTraining(
            null,
            List.of(or(seed, arms.seeds().get(0))),
            or(epochs, arms.epochs()),
            positive("batch-size", batchSize, arms.batchSize()),
            or(learningRate, arms.learningRate()),
            or(learningRates, learningRate == null ? arms.learningRates() : Map.of()),
            null),
        positive("lessons", lessons, defaults.lessons()),
        positive("candidates", candidates, defaults.candidates()),
        defaults.assessedQuestions(),
        or(boundaryMargin, defaults.boundaryMargin()));
  }
}
