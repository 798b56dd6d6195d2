package dev.plumbline.alignment.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Wall times of several ways of doing the same, run in turn so that a slow minute hits all alike.
 */
final class Timing {
  /**
   * A way.
   *
   * @param run does it once
   * @param warmUp runs that are not timed
   * @param times timed runs a round
   */
  record Way(Runnable run, int warmUp, int times) {}

  private Timing() {}

  /** Median seconds of each way over {@code rounds} rounds. */
  static double[] medians(int rounds, Way... ways) {
    List<List<Double>> seconds = new ArrayList<>();
    for (Way way : ways) {
      for (int i = 0; i < way.warmUp(); i++) {
        way.run().run();
      }
      seconds.add(new ArrayList<>());
    }
    for (int round = 0; round < rounds; round++) {
      for (int w = 0; w < ways.length; w++) {
        for (int i = 0; i < ways[w].times(); i++) {
          seconds.get(w).add(seconds(ways[w].run()));
        }
      }
    }
    return seconds.stream().mapToDouble(Timing::median).toArray();
  }

  static double seconds(Runnable run) {
    long start = System.nanoTime();
    run.run();
    return (System.nanoTime() - start) / 1e9;
  }

  static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN; // only warmed up
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
  }
}
