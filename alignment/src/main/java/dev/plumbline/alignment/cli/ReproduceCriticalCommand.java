package dev.plumbline.alignment.cli;

import static dev.plumbline.alignment.cli.option.ReproduceOptions.or;
import static dev.plumbline.alignment.cli.option.ReproduceOptions.positive;

import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.criticaltokens.CriticalExperiment;
import dev.plumbline.alignment.criticaltokens.CriticalSettings;
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
      "Reproduces critical tokens and token-weighted DPO (Lin et al. 2024).",
      "Runs rollouts from every position of wrong solutions, replaces the critical token of each, compares "
          + "contrastive estimation with the rollouts, and trains SFT, DPO, TDPO, RPO and critical-DPO on the same "
          + "pairs with the same seeds. If interrupted, run the same command again to resume."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline reproduce critical-tokens --quick",
      "  ./plumbline reproduce critical-tokens model=MODEL vft-epochs=0 \\",
      "      lora-rank=16 data=train.jsonl test-data=test.jsonl \\",
      "      output=runs/critical"
    })
final class ReproduceCriticalCommand implements Callable<Integer> {
  @Mixin private final ReproduceOptions options = new ReproduceOptions();

  @Option(
      names = "--trajectories",
      paramLabel = "N",
      description = "Wrong solutions that are searched (default: 100; 40 with --quick).")
  private Integer trajectories;

  @Option(
      names = "--planted",
      paramLabel = "N",
      description =
          "Questions in whose correct solutions an error is planted (default: 400; 100 with --quick).")
  private Integer planted;

  @Option(
      names = "--rollouts",
      paramLabel = "N",
      description = "Rollouts per position (default: 64).")
  private Integer rollouts;

  @Option(
      names = {"-k", "--candidates"},
      description = "Solutions per training question (default: 24; 8 with --quick).")
  private Integer candidates;

  @Option(
      names = "--temperature",
      description = "Sampling temperature for solutions and rollouts (default: 1).")
  private Double temperature;

  @Option(
      names = "--top-p",
      description = "Nucleus (top-p) of solutions and rollouts (default: 0.95).")
  private Double topP;

  @Option(
      names = "--estimator-epochs",
      description =
          "Passes of the positive and the negative model (default: 1, as in the released code).")
  private Double estimatorEpochs;

  @Option(
      names = "--estimator-learning-rate",
      description = "Their peak learning rate (default: 3e-4, as in the released code).")
  private Double estimatorLearningRate;

  @Option(names = "--estimator-beta", description = "Weight of the negative model (default: 1).")
  private Double estimatorBeta;

  @Option(
      names = "--sweep-betas",
      split = ",",
      paramLabel = "BETA",
      description =
          "Weights of the negative model to compare, with an arm of critical-DPO each (default: 0,0.5,1,2,4; none with --quick).")
  private List<Double> sweepBetas;

  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      description =
          "Train estimator and arms as LoRA adapters of this rank, alpha twice the rank; 0 = full fine-tuning (default: 0).")
  private Integer loraRank;

  @Option(names = "--beta", description = "beta of DPO and its relatives (default: 0.1).")
  private Double beta;

  @Override
  public Integer call() throws IOException {
    CriticalSettings settings = settings();
    return options.report(
        () ->
            CriticalExperiment.of(settings, options.invocation(settings.options()), new Terminal())
                .run());
  }

  CriticalSettings settings() {
    CriticalSettings defaults =
        options.quick()
            ? CriticalSettings.quick(options.output())
            : CriticalSettings.full(options.output());
    CriticalSettings.Search search = defaults.search();
    CriticalSettings.Estimator estimator = defaults.estimator();
    int rank = or(loraRank, 0);
    Lora.Settings lora = rank == 0 ? null : new Lora.Settings(rank, 2.0 * rank, 0, Lora.ALL);
    return defaults
        .withSetup(options.setup(defaults.setup()))
        .withTraining(
            options.fineTuning(defaults.fineTuning()),
            options.training(defaults.arms(), lora),
            or(beta, defaults.beta()))
        .withSearch(
            new CriticalSettings.Search(
                positive("trajectories", trajectories, search.trajectories()),
                positive("planted", planted, search.planted()),
                positive("rollouts", rollouts, search.rollouts())),
            new CriticalSettings.Sampling(
                or(temperature, defaults.sampling().temperature()),
                or(topP, defaults.sampling().topP())))
        .withEstimator(
            new CriticalSettings.Estimator(
                positive("candidates", candidates, estimator.candidates()),
                or(estimatorEpochs, estimator.epochs()),
                or(estimatorLearningRate, estimator.learningRate()),
                or(estimatorBeta, estimator.beta()),
                or(sweepBetas, estimator.sweep())));
  }
}
