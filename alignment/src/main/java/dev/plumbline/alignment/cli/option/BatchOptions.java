package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.run.Ranges;
import picocli.CommandLine.Option;

/** Options of the size of a training step. */
public final class BatchOptions {
  @Option(
      names = "--batch-size",
      defaultValue = "16",
      paramLabel = "N",
      description = "Rows per forward pass (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--accumulate",
      defaultValue = "1",
      paramLabel = "N",
      description = "Forward passes per step (default: ${DEFAULT-VALUE}).")
  private int accumulate;

  /** Refuses numbers below 1. */
  public void check() {
    Ranges.positive("batch-size", batchSize);
    Ranges.positive("accumulate", accumulate);
  }

  public int batchSize() {
    return batchSize;
  }

  public int accumulate() {
    return accumulate;
  }
}
