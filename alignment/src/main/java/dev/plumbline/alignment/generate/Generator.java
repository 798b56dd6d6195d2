package dev.plumbline.alignment.generate;

import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Writes solutions on from given tokens: with a model alone, or with one whose code is executed.
 */
public interface Generator extends AutoCloseable {
  /**
   * Continuations of each request in its order.
   *
   * @param temperature of each new step
   * @param progress hears after each pass how many it has finished
   * @param finished is notified of finished requests, before {@code progress} does
   */
  List<List<Sample>> solve(
      List<Sampler.Request> requests,
      TemperatureSchedule temperature,
      IntConsumer progress,
      Sampler.Finished finished);

  /** The same for whom the whole is enough. */
  default List<List<Sample>> solve(
      List<Sampler.Request> requests, TemperatureSchedule temperature, IntConsumer progress) {
    return solve(requests, temperature, progress, (request, samples) -> {});
  }

  @Override
  void close();
}
