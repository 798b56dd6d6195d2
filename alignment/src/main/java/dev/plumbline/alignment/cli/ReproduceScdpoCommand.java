package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.CutOptions;
import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.TemperatureOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.scdpo.ScdpoRun;
import dev.plumbline.alignment.scdpo.ScdpoSettings;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline reproduce scdpo}. */
@Command(
    name = "scdpo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reproduces SCDPO: pairs with an error from a chosen step on.",
      "Step-controlled DPO (Lu et al. 2024): draws pairs of a fine-tuned model's own solutions, makes right ones go wrong",
      "from a step on, and trains DPO, DPO on as many pairs, and SCDPO, on chains of thought and, with --python, on",
      "solutions whose code is run. Interrupted, it goes on where it was."
    },
    footer = {
      "",
      "Examples:",
      "  plumbline reproduce scdpo --quick --python python3",
      "  plumbline reproduce scdpo model=MODEL vft-epochs=0 data=train.jsonl test-data=test.jsonl output=runs/scdpo-gsm8k"
    })
final class ReproduceScdpoCommand implements Callable<Integer> {
  @Mixin private final ReproduceOptions options = new ReproduceOptions();

  @Option(
      names = "--python",
      paramLabel = "WHICH",
      description = {
        "Run the code-integrated part with graalpy, a sandbox in builds with -Ppython, or with python3, which runs the model's",
        "code with your rights (default: the sandbox where it is built in, else the part is left out)."
      })
  private Python.Kind python;

  @Option(
      names = "--code-questions",
      defaultValue = "0",
      description =
          "Generated problems that teach the embedded model to write code; 0 = 8000, or 3000 with --quick.")
  private int codeQuestions;

  @Option(
      names = "--attempts",
      defaultValue = "0",
      paramLabel = "K",
      description =
          "Most solutions of a question drawn for naive pairs; 0 = 100, or 24 with --quick.")
  private int attempts;

  @Option(
      names = "--cuts",
      defaultValue = "0",
      paramLabel = "N",
      description = "Most cuts of a right solution; 0 = 2, or 1 with --quick.")
  private int cuts;

  @Mixin private final CutOptions cut = new CutOptions();

  @Option(
      names = "--max-tries",
      defaultValue = "0",
      paramLabel = "N",
      description = "Most continuations of a cut; 0 = 100, or 24 with --quick.")
  private int maxTries;

  @Mixin private final TemperatureOptions temperature = new TemperatureOptions();

  @Option(
      names = "--epochs",
      defaultValue = "2",
      description = "Passes over the pairs (default: ${DEFAULT-VALUE}).")
  private double epochs;

  @Option(
      names = "--batch-size",
      defaultValue = "16",
      description = "Pairs a step (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      defaultValue = "1e-5",
      description = "Peak rate of every arm (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--code-learning-rate",
      defaultValue = "1e-6",
      description =
          "The same on code-integrated solutions; from 3e-6 on DPO on many pairs unlearns to write (default: ${DEFAULT-VALUE}).")
  private double codeLearningRate;

  @Option(
      names = "--beta",
      defaultValue = "0.1",
      description = "Strength of the reference (default: ${DEFAULT-VALUE}).")
  private double beta;

  @Override
  public Integer call() throws IOException {
    options.check();
    Ranges.positive("batch-size", batchSize);
    ScdpoSettings settings = settings();
    long start = System.nanoTime();
    Study study = new ScdpoRun(settings, options.typed(), new Terminal()).run();
    options.report(study, start);
    return 0;
  }

  private ScdpoSettings settings() {
    return new ScdpoSettings(
        options.output(),
        options.model(),
        options.data(),
        options.testData(),
        interpreter(),
        options.vftEpochs(),
        options.vftLearningRate(),
        options.or(codeQuestions, 3000, 8000),
        options.questions(),
        options.testQuestions(),
        options.quick() ? 300 : 1000,
        options.quick()
            ? List.of(0.0, 0.7, 1.0, 1.2, 1.4, 1.6)
            : List.of(0.0, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6),
        options.or(attempts, 24, 100),
        options.or(cuts, 1, 2),
        cut.minRemaining(),
        cut.scoreOutputs(),
        options.or(maxTries, 24, 100),
        temperature.temperature(),
        options.seeds(),
        epochs,
        batchSize,
        learningRate,
        codeLearningRate,
        beta,
        options.quick() ? 300 : 1000,
        options.maxTokens());
  }

  /** The sandbox where it is built in; data of the user's have no code. */
  private Python.Kind interpreter() {
    if (python != null && options.data() != null) {
      throw new UserError(
          "--python is for the generated problems; your problems have no code-integrated solutions.");
    }
    boolean sandbox = python == null && options.data() == null && Python.sandboxIsThere();
    return sandbox ? Python.Kind.GRAALPY : python;
  }
}
