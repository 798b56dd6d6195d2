package dev.plumbline.alignment.statistics;

/** Checks that the small statistics share. */
final class Samples {
  private Samples() {}

  /** Refuses samples that are too few or hold a NaN, which would sort or rank anywhere. */
  static void require(double[] values, int atLeast, String what) {
    if (values.length < atLeast) {
      throw new IllegalArgumentException(
          what + " has " + values.length + " values; give at least " + atLeast + ".");
    }
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        throw new IllegalArgumentException(
            what + " holds a NaN at index " + i + "; leave it out and report how many there were.");
      }
    }
  }

  /** Refuses pairs that do not match. */
  static void requirePairs(double[] first, double[] second, int atLeast, String what) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          what
              + " pairs "
              + first.length
              + " values with "
              + second.length
              + "; give as many of the one as of the other.");
    }
    require(first, atLeast, what);
    require(second, atLeast, what);
  }

  /** Refuses a level of confidence outside (0, 1). */
  static void requireConfidence(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "The confidence is " + confidence + "; give a share between 0 and 1 such as 0.95.");
    }
  }
}
