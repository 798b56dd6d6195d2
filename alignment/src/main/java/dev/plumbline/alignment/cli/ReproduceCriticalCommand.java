package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.criticaltokens.CriticalRun;
import dev.plumbline.alignment.criticaltokens.CriticalSettings;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.transformer.checkpoint.Lora;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline reproduce critical-tokens}. */
@Command(
    name = "critical-tokens",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reproduces the critical-tokens paper: rollouts, contrast, weights.",
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
  @Mixin private final ReproduceOptions options = new ReproduceOptions();

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
      names = "--sweep-betas",
      split = ",",
      defaultValue = "0,0.5,1,2,4",
      paramLabel = "BETA",
      description =
          "Values of it to compare, with an arm of critical-DPO each; none with --quick (default: ${DEFAULT-VALUE}).")
  private List<Double> sweepBetas;

  @Option(
      names = "--lora-rank",
      defaultValue = "0",
      paramLabel = "R",
      description =
          "Train estimator and arms as adapters of this rank, alpha twice the rank; 0 = in full (default: ${DEFAULT-VALUE}).")
  private int loraRank;

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

  @Override
  public Integer call() throws IOException {
    options.check();
    Ranges.positive("rollouts", rollouts);
    Ranges.positive("batch-size", batchSize);
    CriticalSettings settings = settings();
    long start = System.nanoTime();
    Study study = new CriticalRun(settings, options.typed(), new Terminal()).run();
    options.report(study, start);
    return 0;
  }

  private CriticalSettings settings() {
    return new CriticalSettings(
        options.output(),
        options.model(),
        options.data(),
        options.testData(),
        options.vftEpochs(),
        options.vftLearningRate(),
        options.questions(),
        options.testQuestions(),
        options.or(trajectories, 40, 100),
        options.or(planted, 100, 400),
        rollouts,
        options.or(candidates, 24, 64),
        temperature,
        topP,
        estimatorEpochs,
        estimatorLearningRate,
        estimatorBeta,
        options.quick() ? List.of() : sweepBetas,
        loraRank == 0 ? null : new Lora.Settings(loraRank, 2.0 * loraRank, 0, Lora.ALL),
        options.seeds(),
        epochs,
        batchSize,
        learningRate,
        beta,
        options.maxTokens());
  }
}
