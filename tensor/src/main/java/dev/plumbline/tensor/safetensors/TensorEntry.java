package dev.plumbline.tensor.safetensors;

import java.nio.file.Path;

/**
 * Where a tensor lies.
 *
 * @param name its name
 * @param dtype element type
 * @param shape dimensions; empty for a scalar
 * @param file the file that holds it
 * @param offset first byte in that file
 * @param bytes length in bytes
 */
public record TensorEntry(String name, Dtype dtype, long[] shape, Path file, long offset, long bytes) {
  /** Number of elements. */
  public long elements() {
    return bytes / dtype.bytes();
  }
}
