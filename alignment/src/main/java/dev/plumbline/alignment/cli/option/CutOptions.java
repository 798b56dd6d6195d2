package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.scdpo.StepControl;
import picocli.CommandLine.Option;

/** Options of the cuts of step-controlled pairs. */
public final class CutOptions {
  @Option(
      names = "--min-remaining",
      defaultValue = "" + StepControl.MIN_REMAINING,
      paramLabel = "N",
      description =
          "Minimum number of steps after a cut: 2 as in the released scripts, 1 as in the paper (default: ${DEFAULT-VALUE}).")
  private int minRemaining;

  @Option(
      names = "--score-outputs",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Also train on the printed output of executed code, as the released code does (default: no, it is context only).")
  private boolean scoreOutputs;

  public int minRemaining() {
    Ranges.positive("min-remaining", minRemaining);
    return minRemaining;
  }

  public boolean scoreOutputs() {
    return scoreOutputs;
  }
}
