package dev.plumbline.alignment.plan;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Peak rates of this machine, measured within two seconds on all threads.
 *
 * @param bytesPerSecond rate of reading memory, with data far larger than the caches
 * @param flopsPerSecond float32 additions and multiplications per second in the kernels' matrix
 *     product, with operands in the caches
 */
public record Machine(double bytesPerSecond, double flopsPerSecond) {
  private static final int ROUNDS = 20;

  /**
   * Number of values of each of two arrays per thread: 64 MiB, twice a large third-level cache;
   * less if many threads share the heap.
   */
  private static final int VALUES =
      (int) Math.min(1 << 24, Runtime.getRuntime().maxMemory() / 64 / Workers.threads());

  private static final int ROWS = 64;
  private static final int DEPTH = 256;
  private static final int PRODUCTS = 500;

  /** Measures this machine. */
  public static Machine measure() {
    return new Machine(bandwidth(), products());
  }

  /** Comparing equal arrays reads both at the speed of memory. */
  private static double bandwidth() {
    int[][] left = new int[Workers.threads()][VALUES];
    int[][] right = new int[Workers.threads()][VALUES];
    double seconds =
        best(
            thread -> {
              if (!Arrays.equals(left[thread], right[thread])) {
                throw new AssertionError("two arrays of zeros differ");
              }
            });
    return 2.0 * Integer.BYTES * VALUES * Workers.threads() / seconds;
  }

  private static double products() {
    int panel = Kernels.PRODUCTS.panel();
    float[][] a = new float[Workers.threads()][ROWS * DEPTH];
    float[][] b = new float[Workers.threads()][DEPTH * panel];
    float[][] c = new float[Workers.threads()][ROWS * panel];
    double seconds =
        best(
            t -> {
              for (int k = 0; k < PRODUCTS; k++) {
                Kernels.PRODUCTS.product(
                    ROWS, panel, DEPTH, a[t], 0, DEPTH, 1, b[t], 0, panel, c[t], 0, panel, false);
              }
            });
    return 2.0 * ROWS * DEPTH * panel * PRODUCTS * Workers.threads() / seconds;
  }

  /** Minimum seconds of work that every thread does once. */
  private static double best(IntConsumer work) {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      Workers.forChunks(
          Workers.threads(),
          1,
          (from, to, worker) -> {
            for (int thread = from; thread < to; thread++) {
              work.accept(thread);
            }
          });
      best = Math.min(best, System.nanoTime() - start);
    }
    return best / 1e9;
  }
}
