package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.model.ModelException;

/**
 * The sampling temperature of a response: constant within a step, and higher after each finished
 * step, up to a cap (SCDPO, section 3.1). Steps are counted from the beginning of the response, so
 * a continuation of a prefix begins at {@code start}:
 *
 * <pre>
 *   T_j = min(start + increment j, cap)       j steps have been finished
 * </pre>
 *
 * @param start temperature of the first step; 0 takes the most probable token
 * @param increment after each finished step
 * @param cap maximum temperature
 * @param stepEnd a token that contains this text finishes a step that holds more than blanks; empty
 *     for no steps
 */
public record TemperatureSchedule(double start, double increment, double cap, String stepEnd) {
  /** The paper's: from 1.1 by 0.05 to 1.4, one step per line. */
  public static final TemperatureSchedule PAPER = new TemperatureSchedule(1.1, 0.05, 1.4, "\n");

  /** Of the released scripts for GSM8K: from 1.1 by 0.1 to 1.4. */
  public static final TemperatureSchedule SCRIPTS_GSM8K =
      new TemperatureSchedule(1.1, 0.1, 1.4, "\n");

  /** Of the released scripts for MATH with MathCoder-Mistral: from 1.0 by 0.05 to 1.3. */
  public static final TemperatureSchedule SCRIPTS_MATHCODER =
      new TemperatureSchedule(1.0, 0.05, 1.3, "\n");

  /** Of the released scripts for MATH and APE210K with InternLM2: from 1.0 by 0.05 to 1.2. */
  public static final TemperatureSchedule SCRIPTS_INTERNLM =
      new TemperatureSchedule(1.0, 0.05, 1.2, "\n");

  /** Checks the ranges. */
  public TemperatureSchedule {
    check("temperature", start);
    check("temperature-increment", increment);
    check("temperature-cap", cap);
    if (cap < start) {
      throw new ModelException(
          "temperature-cap must be >= the temperature of " + start + ", but is " + cap + ".");
    }
  }

  private static void check(String key, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new ModelException(key + " must be >= 0, but is " + value + ".");
    }
  }

  /** A constant temperature. */
  public static TemperatureSchedule constant(double temperature) {
    return new TemperatureSchedule(temperature, 0, temperature, "");
  }

  /** The temperature after a number of finished steps. */
  public double after(int steps) {
    return Math.min(start + increment * steps, cap);
  }

  /** Whether the temperature depends on steps. */
  boolean rises() {
    return increment > 0 && !stepEnd.isEmpty();
  }
}
