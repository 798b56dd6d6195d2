package dev.plumbline.tensor.safetensors;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * Location and type of a tensor in a file. Entries are compared by content, including their shapes.
 *
 * @param name the tensor's name in the header
 * @param dtype element type in the file
 * @param shape dimensions in C order; empty for a scalar; copied on the way in and out
 * @param file the file or shard that holds it
 * @param offset first byte, counted from the start of the file
 * @param bytes length in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // copied, and compared by content below
public record TensorEntry(
    String name, Dtype dtype, long[] shape, Path file, long offset, long bytes) {
  /** Copies the shape. */
  public TensorEntry {
    shape = shape.clone();
  }

  /** A copy of the dimensions. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements; 1 for a scalar, 0 where a dimension is 0. */
  public long elements() {
    return bytes / dtype.bytes();
  }

  /** Dtype and shape as the header writes them, such as {@code F32[512, 64]}. */
  String describe() {
    return dtype + Arrays.toString(shape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorEntry that
        && name.equals(that.name)
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && file.equals(that.file)
        && offset == that.offset
        && bytes == that.bytes;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, dtype, Arrays.hashCode(shape), file, offset, bytes);
  }

  @Override
  public String toString() {
    return name + " " + describe() + " at byte " + offset + " of " + file;
  }
}
