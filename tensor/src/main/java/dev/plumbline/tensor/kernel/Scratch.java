package dev.plumbline.tensor.kernel;

/**
 * Reusable work space: numbered heap tiles. A tile only grows, so a training run settles at the
 * size of its largest batch. {@link Products} uses the slots below {@link #FREE}.
 */
public final class Scratch {
  /** First slot that is not used by {@link Products}. */
  public static final int FREE = 3;

  private static final int SLOTS = 16;
  private final float[][] tiles = new float[SLOTS][0];

  Scratch() {}

  /** Tile {@code slot} with room for at least {@code floats} values; contents undefined. */
  public float[] tile(int slot, int floats) {
    if (tiles[slot].length < floats) {
      tiles[slot] = new float[(int) Math.min(Integer.MAX_VALUE - 8, floats + floats / 4L + 64)];
    }
    return tiles[slot];
  }
}
