package dev.plumbline.tensor.random;

import java.nio.charset.StandardCharsets;

/**
 * A named, saveable stream of random numbers: SplitMix64 (Steele, Lea and Flood 2014, Figure 16) with a counter, so that
 * value i is {@code mix(key + (i + 1) * golden gamma)}. Its state is two numbers. Streams of different names or children
 * of different names are independent for every statistical purpose; they are not cryptographic.
 */
public final class RandomStream {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long key;
  private long counter;

  /**
   * What is needed to continue a stream.
   *
   * @param key which stream
   * @param counter values drawn so far
   */
  public record State(long key, long counter) {}

  private RandomStream(long key, long counter) {
    this.key = key;
    this.counter = counter;
  }

  /** The stream of a name under a seed. */
  public static RandomStream of(long seed, String name) {
    return new RandomStream(absorb(mix(seed + GOLDEN_GAMMA), name), 0);
  }

  /** Continues a stream. */
  public static RandomStream restore(State state) {
    return new RandomStream(state.key(), state.counter());
  }

  /** What is needed to continue this stream later. */
  public State state() {
    return new State(key, counter);
  }

  /** An independent stream of a name; draws nothing from this one and does not depend on what was drawn. */
  public RandomStream child(String name) {
    return new RandomStream(absorb(mix(key ^ 0x5851F42D4C957F2DL), name), 0);
  }

  /** An independent stream of a number. */
  public RandomStream child(long index) {
    return new RandomStream(mix(mix(key ^ 0x14057B7EF767814FL) + (index + 1) * GOLDEN_GAMMA), 0);
  }

  /** 64 random bits. */
  public long nextLong() {
    counter++;
    return mix(key + counter * GOLDEN_GAMMA);
  }

  /** A whole number in {@code [0, bound)}, every one equally likely. */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("The bound is " + bound + ", and a positive number is needed.");
    }
    long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
    long value = nextLong() >>> 1;
    while (value >= limit) { // the incomplete last cycle would favour small numbers
      value = nextLong() >>> 1;
    }
    return (int) (value % bound);
  }

  /** A number in [0, 1) with 53 random bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** A standard normal number (Box and Muller 1958); the second one of the pair is not kept. */
  public double nextGaussian() {
    double radius = Math.sqrt(-2 * Math.log(1 - nextDouble()));
    return radius * Math.cos(2 * Math.PI * nextDouble());
  }

  /** A random order of {@code 0 .. n - 1} (Fisher and Yates). */
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

  /** Stafford's variant 13 of MurmurHash3's finaliser. */
  private static long mix(long value) {
    long z = value;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
