package dev.plumbline.alignment.cli;

import static dev.plumbline.alignment.cli.option.ReproduceOptions.or;
import static dev.plumbline.alignment.cli.option.ReproduceOptions.positive;

import dev.plumbline.alignment.cli.option.CutOptions;
import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.TemperatureOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.scdpo.ScdpoExperiment;
import dev.plumbline.alignment.scdpo.ScdpoSettings;
import dev.plumbline.data.UserError;
import java.io.IOException;
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
      "Reproduces SCDPO, step-controlled DPO (Lu et al. 2024).",
      "Samples pairs of a fine-tuned model's own solutions, generates wrong continuations of correct ones from a "
          + "chosen step, and trains DPO, DPO on as many pairs, and SCDPO, on chains of thought and, with --python, on "
          + "solutions whose code is run. If interrupted, run the same command again to resume."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline reproduce scdpo --quick --python python3",
      "  ./plumbline reproduce scdpo model=MODEL vft-epochs=0 data=train.jsonl \\",
      "      test-data=test.jsonl output=runs/scdpo-gsm8k"
    })
final class ReproduceScdpoCommand implements Callable<Integer> {
  @Mixin private final ReproduceOptions options = new ReproduceOptions();

  @Option(
      names = "--python",
      paramLabel = "WHICH",
      description =
          "Run the code-integrated format with graalpy, a sandbox in builds with -Ppython, or with python3, which runs the"
              + " model's code with your rights (default: the sandbox if it is built in, else the format is left out). Its arms are code-dpo,"
              + " code-data-equal and code-scdpo.")
  private Python.Kind python;

  @Option(
      names = "--code-questions",
      paramLabel = "N",
      description =
          "Generated problems that teach the embedded model to write code (default: 8000; 3000 with --quick).")
  private Integer codeQuestions;

  @Option(
      names = "--pilot-questions",
      description = "Questions of the temperature pilot (default: 1000; 300 with --quick).")
  private Integer pilotQuestions;

  @Option(
      names = "--attempts",
      paramLabel = "K",
      description =
          "Maximum number of solutions per question sampled for naive pairs (default: 100; 8 with --quick).")
  private Integer attempts;

  @Option(
      names = "--cuts",
      paramLabel = "N",
      description = "Maximum number of cuts of a correct solution (default: 1).")
  private Integer cuts;

  @Mixin private final CutOptions cut = new CutOptions();

  @Option(
      names = "--max-tries",
      paramLabel = "N",
      description = "Maximum number of continuations of a cut (default: 100; 8 with --quick).")
  private Integer maxTries;

  @Mixin private final TemperatureOptions temperature = new TemperatureOptions();

  @Option(
      names = "--code-learning-rate",
      description =
          "Learning rate for solutions with code; at 3e-6 and above, DPO on many pairs degrades generation (default: 1e-6).")
  private Double codeLearningRate;

  @Option(names = "--beta", description = "beta of DPO (default: 0.1).")
  private Double beta;

  @Override
  public Integer call() throws IOException {
    ScdpoSettings settings = settings();
    return options.report(
        () ->
            ScdpoExperiment.run(settings, options.invocation(settings.options()), new Terminal()));
  }

  ScdpoSettings settings() {
    ScdpoSettings defaults =
        options.quick()
            ? ScdpoSettings.quick(options.output())
            : ScdpoSettings.full(options.output());
    ScdpoSettings.Pairs pairs = defaults.pairs();
    ScdpoSettings.Code code = defaults.code();
    ScdpoSettings.Extras extras = defaults.extras();
    return defaults
        .withSetup(options.setup(defaults.setup()))
        .withTraining(
            options.fineTuning(defaults.fineTuning()),
            options.training(defaults.arms(), null),
            or(beta, defaults.beta()))
        .withPairs(
            new ScdpoSettings.Pairs(
                positive("attempts", attempts, pairs.attempts()),
                positive("cuts", cuts, pairs.cuts()),
                cut.minRemaining(),
                cut.scoreOutputs(),
                positive("max-tries", maxTries, pairs.maxTries()),
                temperature.temperature()))
        .withCode(
            new ScdpoSettings.Code(
                interpreter(),
                positive("code-questions", codeQuestions, code.questions()),
                or(codeLearningRate, code.learningRate())))
        .withExtras(
            new ScdpoSettings.Extras(
                positive("pilot-questions", pilotQuestions, extras.pilotQuestions()),
                extras.pilotTemperatures(),
                extras.creditQuestions(),
                extras.creditSnapshots()));
  }

  /** GraalPy where it is built in; user data have no code. */
  private Python.Kind interpreter() {
    if (python != null && !options.generated()) {
      throw new UserError(
          "python is for the generated problems; your problems have no solutions with code.");
    }
    boolean sandbox = python == null && options.generated() && Python.sandboxIsThere();
    return sandbox ? Python.Kind.GRAALPY : python;
  }
}
