package dev.plumbline.tensor.safetensors;

/**
 * Element types of the safetensors format whose size Plumbline knows. F32, F16 and BF16 can be read
 * as float32; a file may hold the others, but reading one as float32 is refused by name.
 */
public enum Dtype {
  /** IEEE 754 binary64. */
  F64(8),
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary16. */
  F16(2),
  /** The upper 16 bits of a binary32. */
  BF16(2),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Signed 16-bit integer. */
  I16(2),
  /** Signed 8-bit integer. */
  I8(1),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** Truth value, one byte each. */
  BOOL(1);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /**
   * Whether every value of this type that training uses is exactly a float32: F32, F16 and BF16.
   */
  public boolean isWeight() {
    return this == F32 || this == F16 || this == BF16;
  }
}
