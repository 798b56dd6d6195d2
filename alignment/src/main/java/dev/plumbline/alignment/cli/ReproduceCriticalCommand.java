package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.reproduce.CriticalRun;
import dev.plumbline.alignment.reproduce.CriticalSettings;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.Lora;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plumbline reproduce critical-tokens}. */
@Command(
    name = "critical-tokens",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Critical tokens (Lin et al. 2024): rolls out from every position of wrong solutions, replaces the token that",
      "doomed each, compares contrastive estimation with what the rollouts found, and trains SFT, DPO, TDPO, RPO and",
      "critical-DPO on the same pairs with the same seeds. Interrupted, it goes on where it was."
    },
    footer = {
      "",
      "Examples:",
      "  plumbline reproduce critical-tokens --quick",
      "  plumbline reproduce critical-tokens model=MODEL vft-epochs=0 lora-rank=16 data=train.jsonl test-data=test.jsonl output=runs/critical"
    })
final class ReproduceCriticalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Directory of the run (default: runs/critical-tokens, or runs/critical-tokens-quick with --quick).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      description = "Minutes instead of hours: fewer questions, solutions and rollouts.")
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
      names = "--questions",
      defaultValue = "0",
      description = "Training questions; 0 = 1500, or 400 with --quick.")
  private int questions;

  @Option(
      names = "--test-questions",
      defaultValue = "0",
      description = "Held-out questions; 0 = 1500, or 500 with --quick.")
  private int testQuestions;

  @Option(
      names = "--trajectories",
      defaultValue = "0",
      paramLabel = "N",
      description = "Wrong solutions that are searched; 0 = 100, or 40 with --quick.")
  private int trajectories;

  @Option(
      names = "--planted",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Questions in whose right solutions an error is planted; 0 = 400, or 100 with --quick.")
  private int planted;

  @Option(
      names = "--rollouts",
      defaultValue = "64",
      paramLabel = "N",
      description = "Rollouts of a position (default: ${DEFAULT-VALUE}).")
  private int rollouts;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "0",
      description = "Solutions a training question; 0 = 64, or 24 with --quick.")
  private int candidates;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description = "Of solutions and rollouts (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "0.95",
      description = "Of solutions and rollouts (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--estimator-epochs",
      defaultValue = "1",
      description =
          "Passes of the positive and the negative model (default: ${DEFAULT-VALUE}, as in the released code).")
  private double estimatorEpochs;

  @Option(
      names = "--estimator-learning-rate",
      defaultValue = "3e-4",
      description = "Their peak rate (default: ${DEFAULT-VALUE}, as in the released code).")
  private double estimatorLearningRate;

  @Option(
      names = "--estimator-beta",
      defaultValue = "1",
      description = "How strongly the negative model counts (default: ${DEFAULT-VALUE}).")
  private double estimatorBeta;

  @Option(
      names = "--lora-rank",
      defaultValue = "0",
      paramLabel = "R",
      description =
          "Train estimator and arms as adapters of this rank, alpha twice the rank; 0 = in full (default: ${DEFAULT-VALUE}).")
  private int loraRank;

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
      defaultValue = "5e-5",
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
      description = "Most tokens of a solution (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Override
  public Integer call() throws IOException {
    if ((data == null) != (testData == null)) {
      throw new UserError("Give both --data and --test-data, or neither for generated problems.");
    }
    TrainCommand.positive("seeds", seeds);
    TrainCommand.positive("rollouts", rollouts);
    TrainCommand.positive("batch-size", batchSize);
    CriticalSettings settings = settings();
    long start = System.nanoTime();
    Study study = new CriticalRun(settings, ReproduceAftCommand.typed(spec), new Terminal()).run();
    ReproduceAftCommand.report(settings.output(), study, start);
    return 0;
  }

  private CriticalSettings settings() {
    return new CriticalSettings(
        output != null
            ? output
            : Path.of(quick ? "runs/critical-tokens-quick" : "runs/critical-tokens"),
        model,
        data,
        testData,
        vftEpochs,
        vftLearningRate,
        questions > 0 ? questions : quick ? 400 : 1500,
        testQuestions > 0 ? testQuestions : quick ? 500 : 1500,
        trajectories > 0 ? trajectories : quick ? 40 : 100,
        planted > 0 ? planted : quick ? 100 : 400,
        rollouts,
        candidates > 0 ? candidates : quick ? 24 : 64,
        temperature,
        topP,
        estimatorEpochs,
        estimatorLearningRate,
        estimatorBeta,
        loraRank == 0 ? null : new Lora.Settings(loraRank, 2.0 * loraRank, 0, Lora.ALL),
        LongStream.range(0, seeds).boxed().toList(),
        epochs,
        batchSize,
        learningRate,
        beta,
        maxTokens);
  }
}
