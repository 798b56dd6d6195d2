package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.KeptGenerator;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.util.List;
import java.util.function.IntConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of every command that samples solutions. */
public final class DrawOptions {
  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      description = "Maximum number of new tokens per solution (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Random seed (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private final OpsOption ops = new OpsOption();

  public int maxTokens() {
    return maxTokens;
  }

  public long seed() {
    return seed;
  }

  public OpMode ops() {
    return ops.mode();
  }

  /** Whether weights may stay in their files, memory-mapped. */
  public boolean frozen() {
    return ops.frozen();
  }

  /** Solutions of each problem, in order; those in the journal are not sampled again. */
  public List<List<ProblemSampler.Solution>> solve(
      Journal journal,
      Checkpoint checkpoint,
      List<Problem> problems,
      int count,
      SamplingOptions options,
      IntConsumer progress) {
    try (Generator generator =
        new KeptGenerator(
            new PlainGenerator(checkpoint, options, ops.mode()), journal, "problems")) {
      return ProblemSampler.solve(
          generator,
          checkpoint.tokenizer(),
          problems,
          count,
          options.temperature(),
          seed,
          progress);
    }
  }
}
