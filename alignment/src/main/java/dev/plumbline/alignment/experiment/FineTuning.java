package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Supervised fine-tuning of the base model before anything else.
 *
 * @param epochs passes over the training problems; 0 = the model is fine-tuned already
 * @param learningRate peak rate
 * @param batchSize rows per step
 */
public record FineTuning(double epochs, double learningRate, int batchSize) {
  /**
   * Checks the ranges.
   *
   * @throws UserError naming the option
   */
  public FineTuning {
    Ranges.atLeastZero("vft-epochs", epochs);
    Ranges.atLeastZero("vft-learning-rate", learningRate);
    Ranges.positive("batch-size", batchSize);
  }

  /** Three passes, for a model of the user's. */
  public static final FineTuning DEFAULT = new FineTuning(3, 5e-4, 16);

  /** How the embedded base model became the fine-tuned one. */
  public static final FineTuning EMBEDDED = new FineTuning(32, 1e-3, 32);

  /** Nothing to do: the embedded model is fine-tuned already. */
  public static final FineTuning DONE = new FineTuning(0, 1e-3, 16);

  /** Whether there is anything to do. */
  public boolean needed() {
    return epochs > 0;
  }

  /** The options of a command with their values; the batch size is that of the arms. */
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("vft-epochs", epochs);
    options.put("vft-learning-rate", learningRate);
    return options;
  }
}
