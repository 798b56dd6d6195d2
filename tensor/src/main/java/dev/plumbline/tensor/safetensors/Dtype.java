package dev.plumbline.tensor.safetensors;

/** Element types of the safetensors format. */
public enum Dtype {
  /** 64-bit float. */
  F64(8),
  /** 32-bit float. */
  F32(4),
  /** 16-bit float of IEEE 754. */
  F16(2),
  /** The upper half of a 32-bit float. */
  BF16(2),
  /** 64-bit integer. */
  I64(8),
  /** 32-bit integer. */
  I32(4),
  /** 16-bit integer. */
  I16(2),
  /** 8-bit integer. */
  I8(1),
  /** 8-bit unsigned integer. */
  U8(1),
  /** One byte a truth value. */
  BOOL(1);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element. */
  public int bytes() {
    return bytes;
  }
}
