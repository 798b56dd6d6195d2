package dev.plumbline.alignment.cli.option;

import picocli.CommandLine.Option;

/** Options that keep only the most probable tokens. */
public final class TopOptions {
  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Keep the k most probable tokens; 0 = all.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description =
          "Nucleus sampling: keep the most probable tokens up to this total probability; 1 = all.")
  private double topP;

  public int topK() {
    return topK;
  }

  public double topP() {
    return topP;
  }
}
