package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.model.ModelException;

/**
 * The sampling temperature of a response: constant within a step, and after each finished step
 * higher, up to a cap (SCDPO, section 3.1). Counted from where the response begins, so that a
 * continuation of a prefix begins at {@code start}:
 *
 * <pre>
 *   T_j = min(start + increment j, cap)       j steps have been finished
 * </pre>
 *
 * @param start of the first step; 0 takes the most probable token
 * @param increment after each finished step
 * @param cap no step is hotter
 * @param stepEnd text whose appearance in a token finishes a step that holds more than blanks;
 *     empty for no steps
 */
public record TemperatureSchedule(double start, double increment, double cap, String stepEnd) {
  /** The paper's: from 1.1 by 0.05 to 1.4, a line a step. */
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
          "temperature-cap is " + cap + ", below the temperature of " + start + " that it caps.");
    }
  }

  private static void check(String key, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new ModelException(key + " is " + value + ", and a number of 0 or more is needed.");
    }
  }

  /** The same from beginning to end. */
  public static TemperatureSchedule constant(double temperature) {
    return new TemperatureSchedule(temperature, 0, temperature, "");
  }

  /** Of the step that follows so many finished ones. */
  public double after(int steps) {
    return Math.min(start + increment * steps, cap);
  }

  /** Whether steps must be counted. */
  boolean rises() {
    return increment > 0 && !stepEnd.isEmpty();
  }
}
