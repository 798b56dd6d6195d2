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
      description = {
        "paper: from 1.1 by 0.05 to 1.4; of the released scripts scripts_gsm8k: from 1.1 by 0.1 to 1.4,",
        "scripts_mathcoder: from 1.0 by 0.05 to 1.3, scripts_internlm: from 1.0 by 0.05 to 1.2 (default: paper)."
      })
  private Preset preset;

  @Option(
      names = "--temperature-start",
      paramLabel = "T",
      description = "Of the first new step, instead of the preset's.")
  private Double start;

  @Option(
      names = "--temperature-increment",
      paramLabel = "D",
      description = "After each new step, instead of the preset's.")
  private Double increment;

  @Option(
      names = "--temperature-cap",
      paramLabel = "T",
      description = "No step is hotter, instead of the preset's.")
  private Double cap;

  public TemperatureSchedule temperature() {
    TemperatureSchedule t = preset.temperature();
    double own = start == null ? t.start() : start;
    double most = cap == null ? t.cap() : cap;
    if (most < own) {
      throw new UserError(
          "temperature-cap is "
              + most
              + ", below the first step's "
              + own
              + "; raise one of them.");
    }
    return new TemperatureSchedule(
        own, increment == null ? t.increment() : increment, most, t.stepEnd());
  }
}
