package dev.plumbline.tensor.random;

import java.nio.charset.StandardCharsets;

/**
 * A named stream of random numbers whose state can be saved: SplitMix64 with a counter in place of
 * its running seed. Value {@code i}, from 0 on, is {@code mix(key + (i + 1) * GOLDEN_GAMMA)} with
 * Stafford's variant 13 as {@code mix}, so the stream of key {@code s} is SplitMix64 seeded with
 * {@code s}.
 *
 * <p>The key mixes a seed with a name. So every consumer has its own stream, and drawing more
 * numbers in one place changes no other place. The state is the key and the counter, two longs.
 *
 * <p>It is neither cryptographic nor thread-safe; give each thread its own child. All keys lie on
 * one cycle of 2^64 values, so two of {@code s} streams with {@code n} values each overlap
 * somewhere with a chance of about {@code s^2 n / 2^64}: 5e-7 for 100,000 streams of 1,000 values.
 * Therefore a second finaliser per value is not worth its cost.
 *
 * <p>Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014,
 * Figures 16 and 17; the constants of {@code mix} are Stafford's Mix13, which the JDK's
 * SplittableRandom uses too.
 */
public final class RandomStream {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, odd

  // Two arbitrary odd constants, Knuth's MMIX multiplier and increment, separate the two kinds of
  // children.
  private static final long NAMED_CHILD = 0x5851F42D4C957F2DL;
  private static final long NUMBERED_CHILD = 0x14057B7EF767814FL;

  private final long key;
  private long counter;

  /**
   * The state of a stream; two whole numbers, so any JSON library can write it.
   *
   * @param key identifies the stream
   * @param counter values drawn so far
   */
  public record State(long key, long counter) {}

  private RandomStream(long key, long counter) {
    this.key = key;
    this.counter = counter;
  }

  /** The stream of a name under a seed, from its start. */
  public static RandomStream of(long seed, String name) {
    return new RandomStream(absorb(mix(seed + GOLDEN_GAMMA), name), 0);
  }

  /** The stream with a saved state; it continues with the next number. */
  public static RandomStream restore(State state) {
    return new RandomStream(state.key(), state.counter());
  }

  /** The state from which {@link #restore} continues this stream exactly. */
  public State state() {
    return new State(key, counter);
  }

  /**
   * The sub-stream of a name; it draws nothing from this stream and does not depend on the numbers
   * drawn so far.
   */
  public RandomStream child(String name) {
    return new RandomStream(absorb(mix(key ^ NAMED_CHILD), name), 0);
  }

  /** The sub-stream of a number; no two numbers share one. */
  public RandomStream child(long index) {
    return new RandomStream(mix(mix(key ^ NUMBERED_CHILD) + (index + 1) * GOLDEN_GAMMA), 0);
  }

  /** 64 random bits. */
  public long nextLong() {
    counter++;
    return mix(key + counter * GOLDEN_GAMMA);
  }

  /** A whole number in {@code [0, bound)}, every one equally likely. */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "The bound of a random number is " + bound + "; give a positive one.");
    }
    long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
    long value = nextLong() >>> 1;
    while (value >= limit) { // the incomplete last cycle would favour small numbers
      value = nextLong() >>> 1;
    }
    return (int) (value % bound);
  }

  /** A multiple of 2^-53 in {@code [0, 1)}. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /**
   * A standard normal number, {@code sqrt(-2 ln u) cos(2 pi v)} (Box and Muller 1958). Draws two
   * values and keeps no spare, so the state needs none. The largest magnitude is 8.57.
   */
  public double nextGaussian() {
    double radius = Math.sqrt(-2 * Math.log(1 - nextDouble())); // 1 - u lies in (0, 1]
    return radius * Math.cos(2 * Math.PI * nextDouble());
  }

  /** Shuffles the values; every order is equally likely (Fisher and Yates). */
  public void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  /** A random order of {@code 0 .. n - 1} (Fisher and Yates, inside out). */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static long absorb(long state, String name) {
    long result = state;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      result = mix((result ^ (b & 0xff)) + GOLDEN_GAMMA);
    }
    return result;
  }

  /** Stafford's variant 13 of MurmurHash3's finaliser, a bijection on 64 bits. */
  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
