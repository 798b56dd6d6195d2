package dev.plumbline.alignment.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Wall times of several ways to do the same work. The ways alternate, so that a slow phase of the
 * machine affects all of them.
 */
final class Timing {
  /**
   * One way to do the work.
   *
   * @param run does the work once
   * @param warmUp number of untimed runs
   * @param times timed runs per round
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
      return Double.NaN; // warm-up runs only
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
  }
}
