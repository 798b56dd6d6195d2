package dev.plumbline.tensor.safetensors;

import java.nio.ByteBuffer;

/**
 * Finds NaN and infinity in the bytes of a tensor: values whose exponent bits are all 1. It tests
 * eight bytes at once, at the speed of memory: adding the exponent's lowest bit to the bits without
 * the sign carries into the sign only if all bits of the exponent are set.
 */
final class Finite {
  private static final int BLOCK = 1024; // bytes

  private Finite() {}

  /**
   * What one format's values look like in a long.
   *
   * @param magnitudes all bits but the signs
   * @param lowest the lowest bit of each exponent
   * @param signs the sign bits
   */
  private record Lanes(long magnitudes, long lowest, long signs) {
    /** Bits where a value is not finite. */
    long others(long values) {
      return ((values & magnitudes) + lowest) & signs;
    }
  }

  private static final Lanes F32 =
      new Lanes(0x7fffffff7fffffffL, 0x0080000000800000L, 0x8000000080000000L);
  private static final Lanes BF16 =
      new Lanes(0x7fff7fff7fff7fffL, 0x0080008000800080L, 0x8000800080008000L);
  private static final Lanes F16 =
      new Lanes(0x7fff7fff7fff7fffL, 0x0400040004000400L, 0x8000800080008000L);

  /**
   * Index of the first value that is not finite, or -1; -1 also for formats that are not weights.
   */
  static int firstOther(ByteBuffer bytes, Dtype dtype) {
    Lanes lanes =
        switch (dtype) {
          case F32 -> F32;
          case BF16 -> BF16;
          case F16 -> F16;
          default -> null;
        };
    if (lanes == null) {
      return -1;
    }
    int size = dtype.bytes();
    int from = bytes.position();
    int whole = bytes.remaining() / BLOCK * BLOCK;
    int at = 0;
    for (long others = 0; at < whole; at += BLOCK) {
      for (int i = 0; i < BLOCK; i += Long.BYTES) {
        others |= lanes.others(bytes.getLong(from + at + i));
      }
      if (others != 0) {
        break;
      }
    }
    for (; at < bytes.remaining(); at += size) {
      if (!Float.isFinite(value(bytes, dtype, at / size))) {
        return at / size;
      }
    }
    return -1;
  }

  /** One value. */
  static float value(ByteBuffer bytes, Dtype dtype, int index) {
    int at = bytes.position() + index * dtype.bytes();
    return switch (dtype) {
      case F16 -> HalfFloat.fromHalf(bytes.getShort(at));
      case BF16 -> HalfFloat.fromBfloat(bytes.getShort(at));
      default -> bytes.getFloat(at);
    };
  }
}
