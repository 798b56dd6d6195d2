package dev.plumbline.tensor.kernel;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Measures the time of a step per operation, and per kind of work inside the fused operations. Off
 * unless {@link #enable} was called.
 */
public final class Profile {
  /** Kinds of work inside fused operations, counted in thread time. */
  public enum Part {
    /** Matrix products. */
    PRODUCT,
    /** Packing of right-hand sides into panels. */
    PACK,
    /** Copying of rows between the session's arrays and tiles. */
    COPY,
    /** Norms, activations, softmax and rotations. */
    ELEMENTWISE
  }

  /** Number of calls and elapsed nanoseconds of one operation. */
  public record Cost(long calls, long nanoseconds) {
    Cost plus(Cost other) {
      return new Cost(calls + other.calls, nanoseconds + other.nanoseconds);
    }
  }

  private static final Map<Part, LongAdder> PARTS = new EnumMap<>(Part.class);
  private static final Map<String, Cost> OPERATIONS = new TreeMap<>();
  private static volatile boolean enabled;

  static {
    for (Part part : Part.values()) {
      PARTS.put(part, new LongAdder());
    }
  }

  private Profile() {}

  /** Resets and starts counting, or stops. */
  public static void enable(boolean on) {
    PARTS.values().forEach(LongAdder::reset);
    synchronized (OPERATIONS) {
      OPERATIONS.clear();
    }
    enabled = on;
  }

  /** Nanoseconds of a kind of work since {@link #enable}, summed over all threads. */
  public static long threadNanoseconds(Part part) {
    return PARTS.get(part).sum();
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

  /** Counts work that began at {@code start}. */
  public static void end(Part part, long start) {
    if (enabled) {
      PARTS.get(part).add(System.nanoTime() - start);
    }
  }

  public static void operation(String name, long start) {
    if (enabled) {
      synchronized (OPERATIONS) {
        OPERATIONS.merge(name, new Cost(1, System.nanoTime() - start), Cost::plus);
      }
    }
  }
}
