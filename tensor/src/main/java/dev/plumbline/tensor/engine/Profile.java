package dev.plumbline.tensor.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where the time of a step goes: per operation, and inside matrix products. Off unless {@link #enable} was
 * called.
 */
public final class Profile {
  /** Calls and nanoseconds of one operation. */
  public record Cost(long calls, long nanoseconds) {
    Cost plus(long moreNanoseconds) {
      return new Cost(calls + 1, nanoseconds + moreNanoseconds);
    }
  }

  private static final LongAdder PRODUCT_NANOSECONDS = new LongAdder();
  private static final Map<String, Cost> OPERATIONS = new TreeMap<>();
  private static volatile boolean enabled;

  private Profile() {}

  /** Starts afresh, or stops counting. */
  public static void enable(boolean on) {
    PRODUCT_NANOSECONDS.reset();
    synchronized (OPERATIONS) {
      OPERATIONS.clear();
    }
    enabled = on;
  }

  /** Thread-nanoseconds inside matrix products since {@link #enable}. */
  public static long productNanoseconds() {
    return PRODUCT_NANOSECONDS.sum();
  }

  /** Cost by operation name since {@link #enable}. */
  public static Map<String, Cost> operations() {
    synchronized (OPERATIONS) {
      return new TreeMap<>(OPERATIONS);
    }
  }

  /** The time when profiling, otherwise 0. */
  public static long start() {
    return enabled ? System.nanoTime() : 0;
  }

  /** Counts one product that began at {@code start}. */
  public static void product(long start) {
    if (enabled) {
      PRODUCT_NANOSECONDS.add(System.nanoTime() - start);
    }
  }

  static void operation(String name, long start) {
    if (enabled) {
      synchronized (OPERATIONS) {
        OPERATIONS.merge(
            name,
            new Cost(1, System.nanoTime() - start),
            (old, fresh) -> old.plus(fresh.nanoseconds()));
      }
    }
  }
}
