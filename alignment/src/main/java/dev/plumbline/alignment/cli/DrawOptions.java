package dev.plumbline.alignment.cli;

import dev.plumbline.tensor.ops.OpMode;
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
}
