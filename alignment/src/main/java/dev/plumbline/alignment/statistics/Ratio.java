package dev.plumbline.alignment.statistics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A ratio of sums over seeds and questions, such as won pairs over all pairs, as a mean of {@link
 * Clustered}: it is linearised (delta method), so that the units are questions and seeds.
 *
 * <pre>
 *   ratio = sum of u / sum of v,   z = ratio + (u - ratio v) / (mean of v),   mean of z = ratio
 * </pre>
 *
 * Questions without anything below the line do not count; without any the ratio is unknown.
 *
 * @param above [seed][question] u
 * @param below [seed][question] v
 */
public record Ratio(double[][] above, double[][] below) {
  /** The ratio. */
  public Clustered mean() {
    return Clustered.of(linear(counted()));
  }

  /** The ratio of {@code second} less that of {@code first} on the same questions. */
  public static Clustered difference(Ratio first, Ratio second) {
    boolean[] counted = first.counted();
    boolean[] other = second.counted();
    for (int q = 0; q < counted.length; q++) {
      counted[q] |= other[q];
    }
    return Clustered.difference(first.linear(counted), second.linear(counted));
  }

  /** By question, whether some seed counts anything. */
  private boolean[] counted() {
    boolean[] counted = new boolean[below.length == 0 ? 0 : below[0].length];
    for (double[] seed : below) {
      for (int q = 0; q < counted.length; q++) {
        counted[q] |= seed[q] != 0;
      }
    }
    return counted;
  }

  /** z of the counted questions: [seed][question] */
  private double[][] linear(boolean[] counted) {
    int[] at = IntStream.range(0, counted.length).filter(q -> counted[q]).toArray();
    double up = Arrays.stream(above).flatMapToDouble(Arrays::stream).sum();
    double down = Arrays.stream(below).flatMapToDouble(Arrays::stream).sum();
    double ratio = up / down;
    double mean = down / ((double) below.length * at.length);
    double[][] linear = new double[below.length][at.length];
    for (int s = 0; s < linear.length; s++) {
      for (int i = 0; i < at.length; i++) {
        linear[s][i] = ratio + (above[s][at[i]] - ratio * below[s][at[i]]) / mean;
      }
    }
    return linear;
  }
}
