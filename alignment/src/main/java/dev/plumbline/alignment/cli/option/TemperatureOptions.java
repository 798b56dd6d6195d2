package dev.plumbline.alignment.cli.option;

import dev.plumbline.data.UserError;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import picocli.CommandLine.Option;

/** The rising temperature of step-controlled generation. */
public final class TemperatureOptions {
  /** Published schedules. */
  enum Preset {
    PAPER,
    SCRIPTS_GSM8K,
    SCRIPTS_MATHCODER,
    SCRIPTS_INTERNLM;

    private TemperatureSchedule temperature() {
      return switch (this) {
        case PAPER -> TemperatureSchedule.PAPER;
        case SCRIPTS_GSM8K -> TemperatureSchedule.SCRIPTS_GSM8K;
        case SCRIPTS_MATHCODER -> TemperatureSchedule.SCRIPTS_MATHCODER;
        case SCRIPTS_INTERNLM -> TemperatureSchedule.SCRIPTS_INTERNLM;
      };
    }
  }

  @Option(
      names = "--temperature-preset",
      defaultValue = "PAPER",
      paramLabel = "NAME",
      description =
          "Start, increment and cap. paper: 1.1, 0.05, 1.4. Of the released scripts: scripts_gsm8k: 1.1, 0.1, 1.4;"
              + " scripts_mathcoder: 1.0, 0.05, 1.3; scripts_internlm: 1.0, 0.05, 1.2 (default: paper).")
  private Preset preset;

  @Option(
      names = "--temperature-start",
      paramLabel = "T",
      description = "Temperature of the first new step (default: the preset's).")
  private Double start;

  @Option(
      names = "--temperature-increment",
      paramLabel = "D",
      description = "Increment after each new step (default: the preset's).")
  private Double increment;

  @Option(
      names = "--temperature-cap",
      paramLabel = "T",
      description = "Maximum temperature (default: the preset's).")
  private Double cap;

  public TemperatureSchedule temperature() {
    TemperatureSchedule t = preset.temperature();
    double own = start == null ? t.start() : start;
    double most = cap == null ? t.cap() : cap;
    if (most < own) {
      throw new UserError(
          "temperature-cap must be >= temperature-start, " + own + ", but is " + most + ".");
    }
    return new TemperatureSchedule(
        own, increment == null ? t.increment() : increment, most, t.stepEnd());
  }
}
