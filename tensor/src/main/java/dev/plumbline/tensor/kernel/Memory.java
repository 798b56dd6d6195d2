package dev.plumbline.tensor.kernel;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Direct access to the off-heap memory of float32 arrays in C order. */
public final class Memory {
  /** Maximum number of float32 values in one Java buffer. */
  public static final int MAX_FLOATS = Integer.MAX_VALUE / Float.BYTES;

  private Memory() {}

  /** A new pointer to the first element of a dense float32 array in C order. */
  public static FloatPointer pointer(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          "Fused kernels work on float32, not on " + array.dataType() + ".");
    }
    onHost(array);
    FloatPointer pointer = new FloatPointer(array.data().addressPointer());
    return pointer.capacity(pointer.position() + array.length());
  }

  /** Whether arrays live on a GPU: ND4J's CUDA backend has started. */
  public static boolean onGpu() {
    return Gpu.BACKEND;
  }

  /** Initialised on first use, when ND4J has started. */
  private static final class Gpu {
    static final boolean BACKEND = Nd4j.getBackend().getClass().getSimpleName().contains("Cublas");
  }

  /**
   * On a GPU an array is stored twice. This copies newer values from the GPU, and marks the host's
   * copy as the current one, because the caller may write it. It does nothing on the CPU backend.
   */
  private static void onHost(INDArray array) {
    if (onGpu()) {
      Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
      Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }
  }

  /** A pointer {@code offset} elements further; the argument keeps its position. */
  public static FloatPointer at(FloatPointer pointer, long offset) {
    return new FloatPointer(pointer).position(pointer.position() + offset);
  }

  /**
   * Elements {@code [offset, offset + length)} as a buffer that starts at 0. At most 2^29 elements.
   */
  public static FloatBuffer view(FloatPointer pointer, long offset, long length) {
    if (length > MAX_FLOATS) {
      throw new IllegalArgumentException(
          "A view of " + length + " floats is larger than a Java buffer; work on it in windows.");
    }
    // From a new address, because a position of 2 GiB or more does not fit the buffer's int.
    FloatPointer window = pointer.getPointer(offset);
    window.capacity(window.position() + length);
    return window.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** A whole array as a buffer. */
  public static FloatBuffer view(INDArray array) {
    return view(pointer(array), 0, array.length());
  }

  /** An int32 array of any shape, row by row. */
  public static int[] ints(INDArray array) {
    onHost(array);
    int[] values = new int[(int) array.length()];
    new IntPointer(array.data().addressPointer()).get(values);
    return values;
  }

  /** The array itself when it is dense and in C order, otherwise a copy that is. */
  public static INDArray dense(INDArray array) {
    return isDense(array) ? array : array.dup('c');
  }

  /** Ignores the strides of dimensions of size 1, which ND4J's own check does not. */
  private static boolean isDense(INDArray array) {
    long stride = 1;
    for (int d = array.rank() - 1; d >= 0; d--) {
      if (array.size(d) != 1 && array.stride(d) != stride) {
        return false;
      }
      stride *= array.size(d);
    }
    return true;
  }

  /** Sets the first elements to zero. */
  public static void zero(FloatPointer pointer, long length) {
    if (pointer.position()
        != 0) { // memset takes a void pointer, for which JavaCPP counts the position in bytes
      throw new IllegalArgumentException("Memory can be zeroed from its start only.");
    }
    Pointer.memset(pointer, 0, length * Float.BYTES);
  }

  /** Copies {@code length} elements. */
  public static void copy(FloatPointer from, FloatPointer to, long length) {
    view(to, 0, length).put(view(from, 0, length));
  }
}
