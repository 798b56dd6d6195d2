package dev.plumbline.alignment.generate;

import dev.plumbline.data.problem.Grade;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Samples and grades solutions of problems. A solution depends only on the seed, the problem and
 * its index, not on other solutions.
 */
public final class ProblemSampler {
  private ProblemSampler() {}

  /**
   * One sampled and graded solution.
   *
   * @param text decoded response
   * @param sample its tokens and why it ended
   * @param grade grade by the problem's task; {@code correct} is the strict one
   */
  public record Solution(String text, Sample sample, Grade grade) {}

  /** Samples {@code count} solutions of each problem, in order. */
  public static List<List<Solution>> solve(
      Checkpoint checkpoint,
      List<Problem> problems,
      int count,
      SamplingOptions options,
      long seed,
      OpMode ops,
      IntConsumer progress) {
    try (Generator generator = new PlainGenerator(checkpoint, options, ops)) {
      return solve(
          generator,
          checkpoint.tokenizer(),
          problems,
          count,
          options.temperature(),
          seed,
          progress);
    }
  }

  /** The same with a generator, which may execute the code of a solution. */
  public static List<List<Solution>> solve(
      Generator generator,
      Tokenizer tokenizer,
      List<Problem> problems,
      int count,
      TemperatureSchedule temperature,
      long seed,
      IntConsumer progress) {
    RandomStream root = RandomStream.of(seed, "solutions");
    List<Sampler.Request> requests = new ArrayList<>();
    for (Problem problem : problems) {
      int[] prompt = tokenizer.encodePrompt(problem.prompt());
      requests.add(new Sampler.Request(prompt, count, root.child(problem.question())));
    }
    List<List<Sample>> samples = generator.solve(requests, temperature, progress);
    List<List<Solution>> solutions = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      List<Solution> own = new ArrayList<>();
      for (Sample sample : samples.get(i)) {
        String text = tokenizer.decode(sample.ids());
        own.add(new Solution(text, sample, problems.get(i).grade(text)));
      }
      solutions.add(own);
    }
    return solutions;
  }
}
