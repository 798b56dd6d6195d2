package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.checkpoint.Lora;
import java.util.List;

/**
 * How every arm is trained.
 *
 * @param seeds of the data's order; one run per seed
 * @param epochs passes over the training file
 * @param batchSize rows per step
 * @param learningRate peak rate
 * @param lora adapters instead of full fine-tuning, or null
 */
public record ArmTraining(
    List<Long> seeds, double epochs, int batchSize, double learningRate, Lora.Settings lora) {
  /**
   * Checks the ranges.
   *
   * @throws UserError naming the option
   */
  public ArmTraining {
    seeds = List.copyOf(seeds);
    Ranges.aboveZero("epochs", epochs);
    Ranges.atLeastZero("learning-rate", learningRate);
  }

  /** Full fine-tuning. */
  public ArmTraining(List<Long> seeds, double epochs, int batchSize, double learningRate) {
    this(seeds, epochs, batchSize, learningRate, null);
  }

  /** The same with another peak rate. */
  public ArmTraining withLearningRate(double rate) {
    return new ArmTraining(seeds, epochs, batchSize, rate, lora);
  }
}
