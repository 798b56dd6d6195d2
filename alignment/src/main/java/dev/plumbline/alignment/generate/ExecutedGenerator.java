package dev.plumbline.alignment.generate;

import dev.plumbline.alignment.python.Python;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Samples code-integrated solutions (SCDPO, section 3): the model writes up to the end of a fenced
 * block of Python, the block runs in the solution's own session, its output is appended, and the
 * model continues. A step is a text or a block of code; the temperature may rise after each step.
 *
 * <p>The tokens of a sample include the outputs; fences mark them ({@link Segmentation#BLOCK}).
 */
public final class ExecutedGenerator implements Generator {
  private static final int SLOTS = 64;
  private static final int MOST_STEPS = 24;

  private final Sampler sampler;
  private final Tokenizer tokenizer;
  private final Python python;
  private final int maxTokens;

  /**
   * Creates a generator on the current weights of a model.
   *
   * @param python runs the code; the caller closes it
   * @param maxTokens maximum number of tokens of a solution, including outputs
   */
  public ExecutedGenerator(Checkpoint checkpoint, Python python, int maxTokens, OpMode ops) {
    this.sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), ops, SLOTS);
    this.tokenizer = checkpoint.tokenizer();
    this.python = python;
    this.maxTokens = maxTokens;
  }

  @Override
  public List<List<Sample>> solve(
      List<Sampler.Request> requests,
      TemperatureSchedule temperature,
      IntConsumer progress,
      Sampler.Finished finished) {
    SamplingOptions options =
        new SamplingOptions(
            maxTokens, temperature, 0, 1, List.of(Segmentation.CODE, "\n" + Segmentation.FENCE));
    Map<List<Integer>, Integer> steps = new HashMap<>(); // by request and response
    return sampler.sample(
        requests,
        options,
        (request, response, ids) -> {
          boolean many = steps.merge(List.of(request, response), 1, Integer::sum) > MOST_STEPS;
          return many ? null : output(requests.get(request), response, ids);
        },
        progress,
        finished);
  }

  /**
   * Runs the block at the end of a solution and returns its output; nothing if the solution ends
   * with text.
   */
  private int[] output(Sampler.Request request, int response, int[] ids) {
    int from = request.from()[response / request.count()];
    String text = tokenizer.decode(Arrays.copyOf(request.trunk(), from)) + tokenizer.decode(ids);
    List<Step> steps = Segmentation.BLOCK.steps(text);
    if (steps.isEmpty() || steps.get(steps.size() - 1).kind() != Step.Kind.CODE) {
      return new int[0];
    }
    List<String> blocks =
        steps.stream()
            .filter(step -> step.kind() == Step.Kind.CODE)
            .map(step -> Segmentation.code(step.of(text)))
            .toList();
    return tokenizer.encodeContinuation(Segmentation.output(python.run(blocks).output()));
  }

  @Override
  public void close() {
    sampler.close();
  }
}
