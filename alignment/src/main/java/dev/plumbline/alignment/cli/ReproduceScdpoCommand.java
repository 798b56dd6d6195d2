package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.reproduce.ScdpoRun;
import dev.plumbline.alignment.reproduce.ScdpoSettings;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plumbline reproduce scdpo}. */
@Command(
    name = "scdpo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
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
  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of the run (default: runs/scdpo, or runs/scdpo-quick with --quick).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      description = "Minutes instead of hours: fewer questions.")
  private boolean quick;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Base model (default: the embedded model).")
  private Path model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "Training problems (default: generated ones).")
  private Path data;

  @Option(
      names = "--test-data",
      paramLabel = "FILE",
      description = "Held-out problems; needed with --data.")
  private Path testData;

  @Option(
      names = "--python",
      paramLabel = "WHICH",
      description = {
        "Run the code-integrated part with graalpy, a sandbox in builds with -Ppython, or with python3, which runs the model's",
        "code with your rights (default: the sandbox where it is built in, else the part is left out)."
      })
  private Python.Kind python;

  @Option(
      names = "--vft-epochs",
      defaultValue = "3",
      description =
          "Passes of supervised fine-tuning before anything else; 0 = the model is fine-tuned already (default: ${DEFAULT-VALUE}).")
  private double vftEpochs;

  @Option(
      names = "--vft-learning-rate",
      defaultValue = "5e-4",
      description = "Its peak rate (default: ${DEFAULT-VALUE}).")
  private double vftLearningRate;

  @Option(
      names = "--code-questions",
      defaultValue = "0",
      description =
          "Generated problems that teach the embedded model to write code; 0 = 8000, or 4000 with --quick.")
  private int codeQuestions;

  @Option(
      names = "--questions",
      defaultValue = "0",
      description = "Training questions; 0 = 1000, or 400 with --quick.")
  private int questions;

  @Option(
      names = "--test-questions",
      defaultValue = "0",
      description = "Held-out questions; 0 = 1500, or 500 with --quick.")
  private int testQuestions;

  @Option(
      names = "--attempts",
      defaultValue = "0",
      paramLabel = "K",
      description =
          "Most solutions of a question drawn for naive pairs; 0 = 100, or 24 with --quick.")
  private int attempts;

  @Option(
      names = "--cuts",
      defaultValue = "2",
      paramLabel = "N",
      description = "Most cuts of a right solution (default: ${DEFAULT-VALUE}).")
  private int cuts;

  @Option(
      names = "--min-remaining",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "Steps that a cut leaves at least: 2 as in the released scripts; the paper says 1 (default: ${DEFAULT-VALUE}).")
  private int minRemaining;

  @Option(
      names = "--max-tries",
      defaultValue = "0",
      paramLabel = "N",
      description = "Most continuations of a cut; 0 = 100, or 24 with --quick.")
  private int maxTries;

  @Mixin private final TemperatureOptions temperature = new TemperatureOptions();

  @Option(
      names = "--seeds",
      defaultValue = "3",
      description = "Runs of every arm (default: ${DEFAULT-VALUE}).")
  private int seeds;

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
      names = "--beta",
      defaultValue = "0.1",
      description = "Strength of the reference (default: ${DEFAULT-VALUE}).")
  private double beta;

  @Option(
      names = "--max-tokens",
      defaultValue = "200",
      description =
          "Most tokens of a chain of thought; code-integrated solutions get twice as many (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Override
  public Integer call() throws IOException {
    if ((data == null) != (testData == null)) {
      throw new UserError("Give both --data and --test-data, or neither for generated problems.");
    }
    TrainCommand.positive("seeds", seeds);
    TrainCommand.positive("cuts", cuts);
    TrainCommand.positive("min-remaining", minRemaining);
    TrainCommand.positive("batch-size", batchSize);
    ScdpoSettings settings = settings();
    long start = System.nanoTime();
    Study study = new ScdpoRun(settings, ReproduceAftCommand.typed(spec), new Terminal()).run();
    ReproduceAftCommand.report(settings.output(), study, start);
    return 0;
  }

  private ScdpoSettings settings() {
    return new ScdpoSettings(
        output != null ? output : Path.of(quick ? "runs/scdpo-quick" : "runs/scdpo"),
        model,
        data,
        testData,
        interpreter(),
        vftEpochs,
        vftLearningRate,
        codeQuestions > 0 ? codeQuestions : quick ? 4000 : 8000,
        questions > 0 ? questions : quick ? 400 : 1000,
        testQuestions > 0 ? testQuestions : quick ? 500 : 1500,
        quick ? 300 : 1000,
        quick
            ? List.of(0.0, 0.7, 1.0, 1.2, 1.4, 1.6)
            : List.of(0.0, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6),
        attempts > 0 ? attempts : quick ? 24 : 100,
        cuts,
        minRemaining,
        maxTries > 0 ? maxTries : quick ? 24 : 100,
        temperature.temperature(),
        LongStream.range(0, seeds).boxed().toList(),
        epochs,
        batchSize,
        learningRate,
        beta,
        quick ? 300 : 1000,
        maxTokens);
  }

  /** The sandbox where it is built in; data of the user's have no code. */
  private Python.Kind interpreter() {
    if (python != null && data != null) {
      throw new UserError(
          "--python is for the generated problems; your problems have no code-integrated solutions.");
    }
    boolean sandbox = python == null && data == null && Python.sandboxIsThere();
    return sandbox ? Python.Kind.GRAALPY : python;
  }
}
