package dev.plumbline.alignment.cli.option;

import dev.plumbline.tensor.ops.OpMode;
import picocli.CommandLine.Option;

/** Option of the operations that a model is made of. */
public final class OpsOption {
  @Option(
      names = "--ops",
      defaultValue = "fused",
      description =
          "Operations: fused, or composed of stock SameDiff ops (default: ${DEFAULT-VALUE}).")
  private OpMode ops;

  public OpMode mode() {
    return ops;
  }

  /** Whether weights may stay in their files, memory-mapped. */
  public boolean frozen() {
    return ops == OpMode.FUSED;
  }
}
