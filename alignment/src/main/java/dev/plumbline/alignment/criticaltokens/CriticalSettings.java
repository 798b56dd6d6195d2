package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of a reproduction of the critical-tokens paper.
 *
 * @param setup model, problems and sizes
 * @param fineTuning supervised fine-tuning before anything else
 * @param arms training of every arm; its adapters are those of the estimator too
 * @param beta of DPO and its relatives
 * @param search rollouts along wrong solutions
 * @param estimator contrastive estimation
 * @param sampling of solutions and rollouts
 */
public record CriticalSettings(
    Setup setup,
    FineTuning fineTuning,
    ArmTraining arms,
    double beta,
    Search search,
    Estimator estimator,
    Sampling sampling) {
  /** Chosen on validation questions (docs/experiments.md); DPO keeps the common rate. */
  private static final Map<String, Double> RATES =
      Map.of(
          ArmsPart.SFT,
          3e-4,
          "tdpo",
          4e-5,
          "rpo",
          4e-5,
          ArmsPart.CRITICAL,
          4e-5,
          ArmsPart.CRITICAL + "-both",
          2e-5,
          ArmsPart.CRITICAL + "-elementwise",
          2e-5);

  /** Checks the range. */
  public CriticalSettings {
    Ranges.atLeastZero("beta", beta);
  }

  /**
   * Rollouts along wrong solutions.
   *
   * @param trajectories wrong solutions of held-out questions that are searched
   * @param planted problems in whose right solutions an error may be planted
   * @param rollouts per position
   */
  public record Search(int trajectories, int planted, int rollouts) {}

  /**
   * Contrastive estimation.
   *
   * @param candidates solutions per training question, for estimator and arms
   * @param epochs passes of the positive and the negative model
   * @param learningRate their peak rate
   * @param beta weight of the negative model
   * @param sweep values of beta to compare, with an arm of critical-DPO each; may be empty
   */
  public record Estimator(
      int candidates, double epochs, double learningRate, double beta, List<Double> sweep) {
    /** Checks the ranges. */
    public Estimator {
      Ranges.aboveZero("estimator-epochs", epochs);
      Ranges.atLeastZero("estimator-learning-rate", learningRate);
      Ranges.atLeastZero("estimator-beta", beta);
      sweep.forEach(value -> Ranges.atLeastZero("sweep-betas", value));
    }
  }

  /** Temperature and nucleus of solutions and rollouts. */
  public record Sampling(double temperature, double topP) {
    /** Checks the ranges, as every sampler does. */
    public Sampling {
      new SamplingOptions(1, temperature, 0, topP, List.of());
    }
  }

  /** The whole experiment. */
  public static CriticalSettings full(Path output) {
    return new CriticalSettings(
        Setup.embedded(output, new Setup.Sizes(3000, 6000, 1, 160)),
        FineTuning.DONE,
        new ArmTraining(List.of(0L, 1L, 2L, 3L, 4L), 2, 16, 2e-5).withLearningRates(RATES),
        0.1,
        new Search(100, 400, 64),
        new Estimator(24, 1, 3e-4, 1, List.of(0.0, 0.5, 1.0, 2.0, 4.0)),
        new Sampling(1, 0.95));
  }

  /** Minutes instead of hours. */
  public static CriticalSettings quick(Path output) {
    CriticalSettings full = full(output);
    Estimator e = full.estimator();
    return new CriticalSettings(
        full.setup().withSizes(new Setup.Sizes(3000, 1000, 1, 160)),
        full.fineTuning(),
        full.arms().withSeeds(1).withOnly(List.of(ArmsPart.SFT, ArmsPart.DPO, ArmsPart.CRITICAL)),
        full.beta(),
        new Search(40, 100, full.search().rollouts()),
        new Estimator(8, e.epochs(), e.learningRate(), e.beta(), List.of()),
        full.sampling());
  }

  /** The same with another model, other problems or other sizes. */
  public CriticalSettings withSetup(Setup other) {
    return new CriticalSettings(other, fineTuning, arms, beta, search, estimator, sampling);
  }

  /** The same with other training. */
  public CriticalSettings withTraining(FineTuning tuning, ArmTraining training, double ofDpo) {
    return new CriticalSettings(setup, tuning, training, ofDpo, search, estimator, sampling);
  }

  /** The same with other rollouts. */
  public CriticalSettings withSearch(Search other, Sampling drawn) {
    return new CriticalSettings(setup, fineTuning, arms, beta, other, estimator, drawn);
  }

  /** The same with another estimator. */
  public CriticalSettings withEstimator(Estimator other) {
    return new CriticalSettings(setup, fineTuning, arms, beta, search, other, sampling);
  }

  SamplingOptions samplingOptions() {
    return new SamplingOptions(
        setup.sizes().maxTokens(), sampling.temperature(), 0, sampling.topP(), List.of());
  }

  /** Training of the estimator's models: one seed, own epochs and learning rate. */
  ArmTraining estimatorTraining() {
    return new ArmTraining(
        null,
        List.of(arms.seeds().get(0)),
        estimator.epochs(),
        arms.batchSize(),
        estimator.learningRate(),
        Map.of(),
        arms.lora());
  }

  /** The options of the command with their values. */
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>(setup.options());
    options.put("trajectories", search.trajectories());
    options.put("planted", search.planted());
    options.put("rollouts", search.rollouts());
    options.putAll(fineTuning.options());
    options.put("candidates", estimator.candidates());
    options.put("temperature", sampling.temperature());
    options.put("top-p", sampling.topP());
    options.put("estimator-epochs", estimator.epochs());
    options.put("estimator-learning-rate", estimator.learningRate());
    options.put("estimator-beta", estimator.beta());
    options.put("sweep-betas", estimator.sweep());
    options.put("lora-rank", arms.lora() == null ? 0 : arms.lora().rank());
    options.putAll(arms.options());
    options.put("beta", beta);
    return options;
  }
}
