package dev.plumbline.alignment.run;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.safetensors.Dtype;

/** Checks of settings, each with an error that names the setting, its range and the value. */
public final class Ranges {
  private Ranges() {}

  /** Refuses a whole number below 1. */
  public static void positive(String key, long value) {
    if (value < 1) {
      throw new UserError(key + " must be >= 1, but is " + value + ".");
    }
  }

  /** Refuses a number below 0, and one that is not finite. */
  public static void atLeastZero(String key, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new UserError(key + " must be >= 0, but is " + text(value) + ".");
    }
  }

  /** Refuses a number that is not above 0, and one that is not finite. */
  public static void aboveZero(String key, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new UserError(key + " must be > 0, but is " + text(value) + ".");
    }
  }

  /** Refuses a number outside 0 to 1. */
  public static void share(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new UserError(key + " must be between 0 and 1, but is " + text(value) + ".");
    }
  }

  /** Refuses a type that weights are not written in. */
  public static void weights(String key, Dtype dtype) {
    if (!dtype.isWeight()) {
      throw new UserError(key + " must be F32, BF16 or F16, but is " + dtype + ".");
    }
  }

  private static String text(double value) {
    return value == Math.rint(value) && Double.isFinite(value)
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
