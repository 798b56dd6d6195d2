package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.model.ModelException;
import java.util.List;

/**
 * How responses are drawn.
 *
 * @param maxNewTokens most tokens of a response
 * @param temperature divides the logits
 * @param topK keeps the k most probable tokens; 0 = all
 * @param topP keeps the smallest set of tokens whose probability reaches p; 1 = all
 * @param stop texts that end a response; they stay in it
 */
public record SamplingOptions(
    int maxNewTokens, TemperatureSchedule temperature, int topK, double topP, List<String> stop) {
  /** Checks the ranges. */
  public SamplingOptions {
    if (maxNewTokens < 1) {
      throw new ModelException("max-tokens is " + maxNewTokens + ", and at least 1 is needed.");
    }
    if (topK < 0) {
      throw new ModelException(
          "top-k is " + topK + ", and 0 (all) or a positive number is needed.");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new ModelException(
          "top-p is " + topP + ", and a number above 0 and at most 1 is needed.");
    }
    stop = List.copyOf(stop);
  }

  /** A constant temperature; 0 takes the most probable token. */
  public SamplingOptions(
      int maxNewTokens, double temperature, int topK, double topP, List<String> stop) {
    this(maxNewTokens, TemperatureSchedule.constant(temperature), topK, topP, stop);
  }

  /** The same at another temperature. */
  public SamplingOptions at(TemperatureSchedule other) {
    return new SamplingOptions(maxNewTokens, other, topK, topP, stop);
  }

  /** The most probable token each time. */
  public static SamplingOptions greedy(int maxNewTokens) {
    return new SamplingOptions(maxNewTokens, 0, 0, 1, List.of());
  }

  /** Draws from the whole distribution at a temperature. */
  public static SamplingOptions at(double temperature, int maxNewTokens) {
    return new SamplingOptions(maxNewTokens, temperature, 0, 1, List.of());
  }
}
