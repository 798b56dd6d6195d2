package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.sample.KeptSolver;
import dev.plumbline.alignment.sample.PlainSolver;
import dev.plumbline.alignment.sample.ProblemSampler;
import dev.plumbline.alignment.sample.Solver;
import dev.plumbline.alignment.train.Journal;
import dev.plumbline.data.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.SamplingOptions;
import java.util.List;
import java.util.function.IntConsumer;
import picocli.CommandLine.Option;

/** What all commands that draw solutions have in common. */
final class DrawOptions {
  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      description = "Most new tokens of a solution (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of the draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--ops",
      defaultValue = "fused",
      description = "fused or composed operations (default: ${DEFAULT-VALUE}).")
  private OpMode ops;

  int maxTokens() {
    return maxTokens;
  }

  long seed() {
    return seed;
  }

  OpMode ops() {
    return ops;
  }

  /** Whether weights may be used where they lie in their files. */
  boolean frozen() {
    return ops == OpMode.FUSED;
  }

  /** Solutions of each problem, in order; those that the journal keeps are not drawn again. */
  List<List<ProblemSampler.Solution>> solve(
      Journal journal,
      Checkpoint checkpoint,
      List<Problem> problems,
      int count,
      SamplingOptions options,
      IntConsumer progress) {
    try (Solver solver =
        new KeptSolver(new PlainSolver(checkpoint, options, ops), journal, "problems")) {
      return ProblemSampler.solve(
          solver, checkpoint.tokenizer(), problems, count, options.temperature(), seed, progress);
    }
  }
}
