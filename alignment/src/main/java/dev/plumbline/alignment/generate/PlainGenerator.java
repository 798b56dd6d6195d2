package dev.plumbline.alignment.generate;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.util.List;
import java.util.function.IntConsumer;

/** Samples chains of thought: the model writes each to its end. */
public final class PlainGenerator implements Generator {
  private static final int SLOTS = 64;

  private final Sampler sampler;
  private final SamplingOptions options;

  /**
   * Creates a generator on the current weights of a model, with at most {@code maxTokens} new
   * tokens.
   */
  public PlainGenerator(Checkpoint checkpoint, int maxTokens, OpMode ops) {
    this(checkpoint, SamplingOptions.greedy(maxTokens), ops);
  }

  /** The same with sampling options, whose temperature each call replaces. */
  public PlainGenerator(Checkpoint checkpoint, SamplingOptions options, OpMode ops) {
    this.sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), ops, SLOTS);
    this.options = options;
  }

  @Override
  public List<List<Sample>> solve(
      List<Sampler.Request> requests,
      TemperatureSchedule temperature,
      IntConsumer progress,
      Sampler.Finished finished) {
    return sampler.sample(requests, options.at(temperature), null, progress, finished);
  }

  @Override
  public void close() {
    sampler.close();
  }
}
