package dev.plumbline.alignment.plan;

import dev.plumbline.tensor.engine.Kernels;
import dev.plumbline.tensor.engine.Workers;
import java.util.Arrays;

/**
 * What this machine does at best, measured in a second or two on all threads.
 *
 * @param bytesPerSecond read from memory, far more than the caches hold
 * @param flopsPerSecond float32 additions and multiplications of the kernels' matrix product, its
 *     operands in the caches
 */
public record Machine(double bytesPerSecond, double flopsPerSecond) {
  private static final int ROUNDS = 20;

  /** Values of each of two arrays a thread: 64 MiB, twice what a large third-level cache holds. */
  private static final int VALUES = 1 << 24;

  private static final int ROWS = 64;
  private static final int DEPTH = 256;
  private static final int PRODUCTS = 500;

  /** Measures. */
  public static Machine measure() {
    return new Machine(bandwidth(), products());
  }

  /** Comparing equal arrays reads both, as fast as memory gives them. */
  private static double bandwidth() {
    int threads = Workers.threads();
    int[][] left = new int[threads][VALUES];
    int[][] right = new int[threads][VALUES];
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      Workers.forChunks(
          threads,
          1,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              if (!Arrays.equals(left[i], right[i])) {
                throw new AssertionError("two arrays of zeros differ");
              }
            }
          });
      best = Math.min(best, System.nanoTime() - start);
    }
    return 2.0 * Integer.BYTES * VALUES * threads / best * 1e9;
  }

  private static double products() {
    int threads = Workers.threads();
    int panel = Kernels.BEST.panel();
    float[][] a = new float[threads][ROWS * DEPTH];
    float[][] b = new float[threads][DEPTH * panel];
    float[][] c = new float[threads][ROWS * panel];
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      Workers.forChunks(
          threads,
          1,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              for (int k = 0; k < PRODUCTS; k++) {
                Kernels.BEST.product(
                    ROWS, panel, DEPTH, a[i], 0, DEPTH, 1, b[i], 0, panel, c[i], 0, panel, false);
              }
            }
          });
      best = Math.min(best, System.nanoTime() - start);
    }
    return 2.0 * ROWS * DEPTH * panel * PRODUCTS * threads / best * 1e9;
  }
}
