package dev.plumbline.tensor.safetensors;

import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * Conversions between float32 and the two 16-bit formats: exact from 16 bits to 32, round to
 * nearest, ties to even, the other way. A NaN stays a NaN and keeps its sign and the payload bits
 * that fit; narrowing makes it quiet.
 */
final class HalfFloat {
  private static final int INFINITY = 0x7f800000;

  private static final int TILE_ELEMENTS = 1 << 13; // 48 KB of halves and floats

  private HalfFloat() {}

  /** IEEE 754 binary16 to float32. */
  static float fromHalf(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    int magnitude =
        switch (exponent) {
          case 0 -> Float.floatToRawIntBits(mantissa * 0x1p-24f); // zero and subnormals
          case 0x1f -> INFINITY | (mantissa << 13); // infinity and NaN
          default -> ((exponent + 127 - 15) << 23) | (mantissa << 13);
        };
    return Float.intBitsToFloat(sign | magnitude);
  }

  /** bfloat16 to float32. */
  static float fromBfloat(short bfloat) {
    return Float.intBitsToFloat(bfloat << 16);
  }

  /** float32 to IEEE 754 binary16; magnitudes from 65520 on become infinite. */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00 | ((bits >> 13) & 0x3ff));
    }
    if (magnitude >= 65520f) { // halfway between the largest half, 65504, and the next step
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) { // subnormal, in units of 2^-24; may round up to the first normal
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int positive = bits & Integer.MAX_VALUE;
    int rounded = positive + 0xfff + ((positive >> 13) & 1);
    return (short) (sign | ((rounded >> 13) - ((127 - 15) << 10)));
  }

  /** float32 to bfloat16; magnitudes within half a step of 2^128 become infinite. */
  static short toBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Widens all values of {@code from}, F16 or BF16, in tiles that the compiler vectorises. */
  static void widen(ShortBuffer from, FloatBuffer into, Dtype dtype) {
    int tile = Math.min(TILE_ELEMENTS, from.remaining());
    short[] half = new short[tile];
    float[] full = new float[tile];
    while (from.hasRemaining()) {
      int count = Math.min(tile, from.remaining());
      from.get(half, 0, count);
      if (dtype == Dtype.BF16) {
        for (int i = 0; i < count; i++) {
          full[i] = fromBfloat(half[i]);
        }
      } else {
        for (int i = 0; i < count; i++) {
          full[i] = fromHalf(half[i]);
        }
      }
      into.put(full, 0, count);
    }
  }
}
