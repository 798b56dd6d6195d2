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
   * Continuations of each request in its order; {@code progress} hears of finished ones.
   *
   * @param temperature of each new step
   */
  List<List<Sample>> solve(
      List<Sampler.Request> requests, Temperature temperature, IntConsumer progress);

  @Override
  void close();
}
