package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Settings of a reproduction of the SCDPO paper.
 *
 * @param setup model, problems and sizes
 * @param fineTuning supervised fine-tuning before anything else
 * @param arms training of the arms; names that begin with {@code code-} are on solutions with code
 * @param beta of DPO
 * @param pairs how pairs are made
 * @param code the code-integrated format
 * @param extras what is measured besides the arms
 */
public record ScdpoSettings(
    Setup setup,
    FineTuning fineTuning,
    ArmTraining arms,
    double beta,
    Pairs pairs,
    Code code,
    Extras extras) {
  /** Begins the names of the code-integrated arms in {@code arms} and {@code learning-rates}. */
  private static final String CODE = "code-";

  /** Checks the ranges. */
  public ScdpoSettings {
    Ranges.atLeastZero("beta", beta);
    List<String> names = new ArrayList<>(PairsPart.ARMS);
    PairsPart.ARMS.forEach(arm -> names.add(CODE + arm));
    arms.check(names);
  }

  /**
   * How pairs are made.
   *
   * @param attempts K, maximum number of solutions per question drawn for naive pairs
   * @param cuts maximum number of cuts of a right solution
   * @param minRemaining steps that a cut leaves at least
   * @param scoreOutputs whether what code printed is trained on
   * @param maxTries maximum number of continuations of a cut
   * @param temperature of step-controlled generation
   */
  public record Pairs(
      int attempts,
      int cuts,
      int minRemaining,
      boolean scoreOutputs,
      int maxTries,
      TemperatureSchedule temperature) {}

  /**
   * The code-integrated format.
   *
   * @param python what runs the code; null leaves the format out
   * @param questions generated problems that teach the embedded model to write code
   * @param learningRate peak rate of every arm; lower than on chains of thought, because the
   *     solutions are longer and a sum over their tokens moves further
   */
  public record Code(Python.Kind python, int questions, double learningRate) {
    /** Checks the range. */
    public Code {
      Ranges.atLeastZero("code-learning-rate", learningRate);
    }
  }

  /**
   * What is measured besides the arms.
   *
   * @param pilotQuestions questions of the temperature pilot
   * @param pilotTemperatures its temperatures
   * @param creditQuestions held-out questions whose wrong solutions are scored token by token
   * @param creditSnapshots number of models along training that score them; 1 = the result alone
   */
  public record Extras(
      int pilotQuestions,
      List<Double> pilotTemperatures,
      int creditQuestions,
      int creditSnapshots) {}

  /** The whole experiment, on chains of thought only. */
  public static ScdpoSettings full(Path output) {
    return new ScdpoSettings(
        Setup.embedded(output, new Setup.Sizes(3000, 6000, 1, 160)),
        FineTuning.DONE,
        new ArmTraining(List.of(0L, 1L, 2L, 3L, 4L), 2, 16, 2e-5)
            .withLearningRates(Map.of(PairsPart.SCDPO, 1e-5, PairsPart.DATA_EQUAL, 1e-5)),
        0.1,
        new Pairs(100, 1, StepControl.MIN_REMAINING, false, 100, TemperatureSchedule.PAPER),
        new Code(null, 8000, 1e-6),
        new Extras(
            1000, List.of(0.0, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6), 1000, 4));
  }

  /** Minutes instead of hours. */
  public static ScdpoSettings quick(Path output) {
    ScdpoSettings full = full(output);
    return new ScdpoSettings(
        full.setup().withSizes(new Setup.Sizes(3000, 1000, 1, 160)),
        full.fineTuning(),
        full.arms()
            .withSeeds(1)
            .withOnly(
                List.of(
                    PairsPart.DPO, PairsPart.SCDPO, CODE + PairsPart.DPO, CODE + PairsPart.SCDPO)),
        full.beta(),
        new Pairs(8, 1, StepControl.MIN_REMAINING, false, 8, TemperatureSchedule.PAPER),
        new Code(null, 3000, full.code().learningRate()),
        new Extras(300, List.of(0.0, 0.7, 1.0, 1.2, 1.4, 1.6), 300, 2));
  }

  /** Whether any arm is on code-integrated solutions. */
  boolean trainsCode() {
    return PairsPart.ARMS.stream().anyMatch(arm -> arms.trains(CODE + arm));
  }

  /** Training of the arms on code-integrated solutions, whose names have {@link #CODE} before. */
  ArmTraining codeArms() {
    List<String> trained = PairsPart.ARMS.stream().filter(arm -> arms.trains(CODE + arm)).toList();
    ArmTraining named =
        arms.withLearningRate(code.learningRate()).withLearningRates(arms.learningRates());
    Map<String, Double> rates = new LinkedHashMap<>();
    PairsPart.ARMS.forEach(arm -> rates.put(arm, named.of(CODE + arm).learningRate()));
    return named.withOnly(trained).withLearningRates(rates);
  }

  /** The same with another model, other problems or other sizes. */
  public ScdpoSettings withSetup(Setup other) {
    return new ScdpoSettings(other, fineTuning, arms, beta, pairs, code, extras);
  }

  /** The same with other training. */
  public ScdpoSettings withTraining(FineTuning tuning, ArmTraining training, double ofDpo) {
    return new ScdpoSettings(setup, tuning, training, ofDpo, pairs, code, extras);
  }

  /** The same with other pairs. */
  public ScdpoSettings withPairs(Pairs other) {
    return new ScdpoSettings(setup, fineTuning, arms, beta, other, code, extras);
  }

  /** The same with another code-integrated format. */
  public ScdpoSettings withCode(Code other) {
    return new ScdpoSettings(setup, fineTuning, arms, beta, pairs, other, extras);
  }

  /** The same with other extras. */
  public ScdpoSettings withExtras(Extras other) {
    return new ScdpoSettings(setup, fineTuning, arms, beta, pairs, code, other);
  }

  /** The options of the command with their values. */
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>(setup.options());
    if (code.python() != null) {
      options.put("python", code.python().name().toLowerCase(Locale.ROOT));
    }
    options.put("code-questions", code.questions());
    options.put("pilot-questions", extras.pilotQuestions());
    options.putAll(fineTuning.options());
    options.put("attempts", pairs.attempts());
    options.put("cuts", pairs.cuts());
    options.put("min-remaining", pairs.minRemaining());
    options.put("score-outputs", pairs.scoreOutputs());
    options.put("max-tries", pairs.maxTries());
    options.put("temperature-start", pairs.temperature().start());
    options.put("temperature-increment", pairs.temperature().increment());
    options.put("temperature-cap", pairs.temperature().cap());
    options.putAll(arms.options());
    options.put("code-learning-rate", code.learningRate());
    options.put("beta", beta);
    return options;
  }
}
