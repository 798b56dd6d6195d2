package dev.plumbline.alignment.sample;

import dev.plumbline.transformer.Sample;
import dev.plumbline.transformer.Sampler;
import dev.plumbline.transformer.Temperature;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Writes solutions on from given tokens: with a model alone, or with one whose code is executed.
 */
public interface Solver extends AutoCloseable {
  /**
   * Continuations of each request in its order.
   *
   * @param temperature of each new step
   * @param progress hears after each pass how many it has finished
   * @param finished hears of requests that are done, before {@code progress} does
   */
  List<List<Sample>> solve(
      List<Sampler.Request> requests,
      Temperature temperature,
      IntConsumer progress,
      Sampler.Finished finished);

  /** The same for whom the whole is enough. */
  default List<List<Sample>> solve(
      List<Sampler.Request> requests, Temperature temperature, IntConsumer progress) {
    return solve(requests, temperature, progress, (request, samples) -> {});
  }

  @Override
  void close();
}
