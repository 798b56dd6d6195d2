package dev.plumbline.tensor.optim;

import java.util.Locale;

/**
 * Learning-rate schedules after a linear warm-up; the names and formulas of Hugging Face's {@code
 * get_scheduler}.
 */
public enum Schedule {
  /** The full rate throughout. */
  CONSTANT,
  /** Falls linearly to 0 at the last step. */
  LINEAR,
  /**
   * Falls as half a cosine to 0 at the last step (Loshchilov and Hutter 2017, Eq. 5, one period).
   */
  COSINE;

  /**
   * The rate of one step.
   *
   * @param step 0 for the first step
   * @param steps number of steps of the run
   * @param warmup steps over which the rate rises from 0
   * @param peak the full rate
   */
  public double rate(long step, long steps, long warmup, double peak) {
    if (step < warmup) {
      return peak * step / Math.max(1, warmup);
    }
    double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
    return switch (this) {
      case CONSTANT -> peak;
      case LINEAR -> peak * Math.max(0, 1 - progress);
      case COSINE -> peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
    };
  }

  /** The name in configurations. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
