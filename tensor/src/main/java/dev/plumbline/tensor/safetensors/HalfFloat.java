package dev.plumbline.tensor.safetensors;

/** Conversions between float32 and the 16-bit formats, exact one way and round-to-nearest-even the other. */
final class HalfFloat {
  private HalfFloat() {}

  /** IEEE 754 binary16 to float32. */
  static float toFloat(short half) {
    int exponent = half >> 10 & 0x1f;
    int mantissa = half & 0x3ff;
    float magnitude;
    if (exponent == 0) {
      magnitude = mantissa * 0x1p-24f; // zero and subnormals
    } else if (exponent == 31) {
      magnitude = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else {
      magnitude = Float.intBitsToFloat(exponent + 112 << 23 | mantissa << 13);
    }
    return half < 0 ? -magnitude : magnitude;
  }

  /** float32 to IEEE 754 binary16. */
  static short toHalf(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 65520f) { // halfway between the largest half and the next step
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24f)); // subnormal; may round up to the smallest normal
    }
    int bits = Float.floatToRawIntBits(magnitude);
    int rounded = bits + 0xfff + (bits >> 13 & 1);
    return (short) (sign | (rounded >> 13) - (112 << 10));
  }

  /** float32 to bfloat16. */
  static short toBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
