package dev.plumbline.alignment.sample;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.Sample;
import dev.plumbline.transformer.Sampler;
import dev.plumbline.transformer.SamplingOptions;
import dev.plumbline.transformer.Temperature;
import java.util.List;
import java.util.function.IntConsumer;

/** Chains of thought: the model writes them to their end. */
public final class PlainSolver implements Solver {
  private static final int SLOTS = 64;

  private final Sampler sampler;
  private final SamplingOptions options;

  /** A solver on a model's weights as they are now; {@code maxTokens} new ones at most. */
  public PlainSolver(Checkpoint checkpoint, int maxTokens, OpMode ops) {
    this(checkpoint, SamplingOptions.greedy(maxTokens), ops);
  }

  /** The same with other options than the temperature, which each call gives. */
  public PlainSolver(Checkpoint checkpoint, SamplingOptions options, OpMode ops) {
    this.sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), ops, SLOTS);
    this.options = options;
  }

  @Override
  public List<List<Sample>> solve(
      List<Sampler.Request> requests,
      Temperature temperature,
      IntConsumer progress,
      Sampler.Finished finished) {
    return sampler.sample(requests, options.at(temperature), null, progress, finished);
  }

  @Override
  public void close() {
    sampler.close();
  }
}
