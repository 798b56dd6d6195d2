package dev.plumbline.tensor.engine;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Reusable work space of one worker: numbered off-heap blocks for BLAS and numbered heap tiles for
 * the row kernels. A block only grows, so a training run settles at the size of its largest batch.
 */
public final class Scratch {
  private static final int SLOTS = 8;
  private final FloatPointer[] blocks = new FloatPointer[SLOTS];
  private final FloatBuffer[] views = new FloatBuffer[SLOTS];
  private final float[][] tiles = new float[SLOTS][0];

  Scratch() {}

  /**
   * Off-heap block {@code slot} with room for at least {@code floats} values; contents undefined.
   */
  public FloatPointer block(int slot, long floats) {
    if (blocks[slot] == null || blocks[slot].capacity() < floats) {
      if (blocks[slot] != null) {
        blocks[slot].close();
      }
      blocks[slot] = new FloatPointer(grown(floats));
      views[slot] = Memory.view(blocks[slot], 0, blocks[slot].capacity());
    }
    return blocks[slot];
  }

  /** The same memory as the last {@link #block} of this slot, as a buffer. */
  public FloatBuffer view(int slot) {
    return views[slot];
  }

  /** Heap tile {@code slot} with room for at least {@code floats} values; contents undefined. */
  public float[] tile(int slot, int floats) {
    if (tiles[slot].length < floats) {
      tiles[slot] = new float[(int) Math.min(Integer.MAX_VALUE - 8, grown(floats))];
    }
    return tiles[slot];
  }

  private static long grown(long floats) {
    return floats + floats / 4 + 64;
  }
}
