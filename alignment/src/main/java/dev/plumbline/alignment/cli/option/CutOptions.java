package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.scdpo.StepControl;
import picocli.CommandLine.Option;

/** What a step-controlled pair leaves and trains on. */
public final class CutOptions {
  @Option(
      names = "--min-remaining",
      defaultValue = "" + StepControl.MIN_REMAINING,
      paramLabel = "N",
      description =
          "Steps that a cut leaves at least: 2 as in the released scripts, 1 as in the paper (default: ${DEFAULT-VALUE}).")
  private int minRemaining;

  @Option(
      names = "--score-outputs",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "Train on what the solution's code printed too, as the released code does (default: no, it is context).")
  private boolean scoreOutputs;

  public int minRemaining() {
    Ranges.positive("min-remaining", minRemaining);
    return minRemaining;
  }

  public boolean scoreOutputs() {
    return scoreOutputs;
  }
}
