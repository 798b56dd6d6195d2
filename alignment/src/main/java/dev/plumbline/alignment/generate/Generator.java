package dev.plumbline.alignment.generate;

import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Continues solutions from given tokens: with a model alone, or with a model whose code is
 * executed.
 */
public interface Generator extends AutoCloseable {
  /**
   * Returns the continuations of each request, in order.
   *
   * @param temperature temperature of each new step
   * @param progress is notified after each pass of the number of finished requests
   * @param finished is notified of each finished request, before {@code progress}
   */
  List<List<Sample>> solve(
      List<Sampler.Request> requests,
      TemperatureSchedule temperature,
      IntConsumer progress,
      Sampler.Finished finished);

  /** The same without a consumer of single requests. */
  default List<List<Sample>> solve(
      List<Sampler.Request> requests, TemperatureSchedule temperature, IntConsumer progress) {
    return solve(requests, temperature, progress, (request, samples) -> {});
  }

  @Override
  void close();
}
