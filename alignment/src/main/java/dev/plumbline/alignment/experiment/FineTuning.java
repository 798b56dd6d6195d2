package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;

/**
 * Supervised fine-tuning of the base model before anything else.
 *
 * @param epochs passes over the training problems; 0 = the model is fine-tuned already
 * @param learningRate peak rate
 */
public record FineTuning(double epochs, double learningRate) {
  /**
   * Checks the ranges.
   *
   * @throws UserError naming the option
   */
  public FineTuning {
    Ranges.atLeastZero("vft-epochs", epochs);
    Ranges.atLeastZero("vft-learning-rate", learningRate);
  }

  /** Three passes. */
  public static final FineTuning DEFAULT = new FineTuning(3, 5e-4);

  /** Whether there is anything to do. */
  public boolean needed() {
    return epochs > 0;
  }
}
