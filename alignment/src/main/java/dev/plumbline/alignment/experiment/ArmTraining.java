package dev.plumbline.alignment.experiment;

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

  /** Full fine-tuning. */
  public ArmTraining(List<Long> seeds, double epochs, int batchSize, double learningRate) {
    this(seeds, epochs, batchSize, learningRate, null);
  }

  /** The same with another peak rate. */
  public ArmTraining withLearningRate(double rate) {
    return new ArmTraining(seeds, epochs, batchSize, rate, lora);
  }
}
