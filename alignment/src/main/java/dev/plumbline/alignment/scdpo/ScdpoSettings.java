package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.nio.file.Path;
import java.util.List;

/**
 * Settings of a reproduction of the SCDPO paper.
 *
 * @param setup model, problems and sizes
 * @param fineTuning supervised fine-tuning before anything else
 * @param arms training of every arm on chains of thought
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
  /** Checks the range. */
  public ScdpoSettings {
    Ranges.atLeastZero("beta", beta);
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
   */
  public record Extras(int pilotQuestions, List<Double> pilotTemperatures, int creditQuestions) {}

  /** The whole experiment, on chains of thought only. */
  public static ScdpoSettings full(Path output) {
    return new ScdpoSettings(
        Setup.full(output),
        FineTuning.DEFAULT,
        new ArmTraining(List.of(0L, 1L, 2L), 2, 16, 1e-5),
        0.1,
        new Pairs(100, 2, StepControl.MIN_REMAINING, false, 100, TemperatureSchedule.PAPER),
        new Code(null, 8000, 1e-6),
        new Extras(
            1000, List.of(0.0, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6), 1000));
  }

  /** Minutes instead of hours. */
  public static ScdpoSettings quick(Path output) {
    ScdpoSettings full = full(output);
    return new ScdpoSettings(
        Setup.quick(output),
        full.fineTuning(),
        full.arms(),
        full.beta(),
        new Pairs(24, 1, StepControl.MIN_REMAINING, false, 24, TemperatureSchedule.PAPER),
        new Code(null, 3000, full.code().learningRate()),
        new Extras(300, List.of(0.0, 0.7, 1.0, 1.2, 1.4, 1.6), 300));
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
}
