package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.model.ModelException;
import java.util.List;

/**
 * How responses are drawn.
 *
 * @param maxNewTokens maximum number of tokens of a response
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
      throw new ModelException("max-tokens must be >= 1, but is " + maxNewTokens + ".");
    }
    if (topK < 0) {
      throw new ModelException("top-k must be >= 0 (0 = all), but is " + topK + ".");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new ModelException("top-p must be > 0 and <= 1, but is " + topP + ".");
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

  /** Takes the most probable token each time. */
  public static SamplingOptions greedy(int maxNewTokens) {
    return new SamplingOptions(maxNewTokens, 0, 0, 1, List.of());
  }

  /** Draws from the whole distribution at a temperature. */
  public static SamplingOptions at(double temperature, int maxNewTokens) {
    return new SamplingOptions(maxNewTokens, temperature, 0, 1, List.of());
  }
}
