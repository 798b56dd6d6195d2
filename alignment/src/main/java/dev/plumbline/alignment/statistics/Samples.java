package dev.plumbline.alignment.statistics;

/** Argument checks of the statistics. */
final class Samples {
  private Samples() {}

  /** Refuses samples that are too small or contain a NaN, which has no defined rank. */
  static void require(double[] values, int atLeast, String what) {
    if (values.length < atLeast) {
      throw new IllegalArgumentException(
          what + " has " + values.length + " values, but needs at least " + atLeast + ".");
    }
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        throw new IllegalArgumentException(
            what + " contains a NaN at index " + i + "; leave NaN out and report their number.");
      }
    }
  }

  /** Refuses pairs of different numbers of values. */
  static void requirePairs(double[] first, double[] second, int atLeast, String what) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          what
              + " pairs "
              + first.length
              + " values with "
              + second.length
              + "; both must have the same number of values.");
    }
    require(first, atLeast, what);
    require(second, atLeast, what);
  }

  /** Refuses a confidence level outside (0, 1). */
  static void requireConfidence(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "The confidence is " + confidence + ", but must be between 0 and 1, such as 0.95.");
    }
  }
}
