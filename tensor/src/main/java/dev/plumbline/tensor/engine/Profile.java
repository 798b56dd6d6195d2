package dev.plumbline.tensor.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where the time of a step goes: per operation, and per kind of work inside the fused ones. Off
 * unless {@link #enable} was called.
 */
public final class Profile {
  /** Kinds of work inside fused operations, counted in thread time. */
  public enum Part {
    /** Matrix products. */
    PRODUCT,
    /** Right-hand sides on their way into panels. */
    PACK,
    /** Rows between the session's arrays and tiles. */
    COPY,
    /** Norms, activations, softmax and turns. */
    ELEMENTWISE
  }

  /**
   * Cost of one operation.
   *
   * @param calls times it ran
   * @param nanoseconds on the clock
   * @param parts thread-nanoseconds of the kinds of work inside it, all threads together
   */
  public record Cost(long calls, long nanoseconds, Map<Part, Long> parts) {
    Cost plus(Cost other) {
      Map<Part, Long> sums = new EnumMap<>(parts);
      other.parts.forEach((part, more) -> sums.merge(part, more, Long::sum));
      return new Cost(calls + other.calls, nanoseconds + other.nanoseconds, sums);
    }
  }

  /** Where the counts stood when an operation began. */
  record Mark(long start, Map<Part, Long> parts) {}

  private static final Map<Part, LongAdder> PARTS = new EnumMap<>(Part.class);
  private static final Map<String, Cost> OPERATIONS = new TreeMap<>();
  private static volatile boolean enabled;

  static {
    for (Part part : Part.values()) {
      PARTS.put(part, new LongAdder());
    }
  }

  private Profile() {}

  /** Starts afresh, or stops counting. */
  public static void enable(boolean on) {
    PARTS.values().forEach(LongAdder::reset);
    synchronized (OPERATIONS) {
      OPERATIONS.clear();
    }
    enabled = on;
  }

  /** Thread-nanoseconds of a kind of work since {@link #enable}, all threads together. */
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

  /** Call before an operation; null when not profiling. */
  static Mark mark() {
    return enabled ? new Mark(System.nanoTime(), counts()) : null;
  }

  /** Call after it. */
  static void operation(String name, Mark mark) {
    if (mark != null) {
      long nanoseconds = System.nanoTime() - mark.start();
      Map<Part, Long> parts = counts();
      mark.parts().forEach((part, before) -> parts.merge(part, -before, Long::sum));
      synchronized (OPERATIONS) {
        OPERATIONS.merge(name, new Cost(1, nanoseconds, parts), Cost::plus);
      }
    }
  }

  private static Map<Part, Long> counts() {
    Map<Part, Long> counts = new EnumMap<>(Part.class);
    PARTS.forEach((part, sum) -> counts.put(part, sum.sum()));
    return counts;
  }
}
