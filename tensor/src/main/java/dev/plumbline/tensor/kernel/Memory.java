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
  /** Float32 values that one Java buffer shows. */
  public static final int MOST = Integer.MAX_VALUE / Float.BYTES;

  private Memory() {}

  /** A pointer of its own to the first element of a dense float32 array in C order. */
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

  /** Read only after ND4J has started. */
  private static final class Gpu {
    static final boolean BACKEND = Nd4j.getBackend().getClass().getSimpleName().contains("Cublas");
  }

  /**
   * On a GPU an array lives in two places: fetches what the card has newer, and makes the host's
   * copy, which may be written next, the one that counts. Nothing on the CPU backend.
   */
  private static void onHost(INDArray array) {
    if (onGpu()) {
      Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
      Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }
  }

  /** A pointer {@code offset} elements further on; the argument keeps its position. */
  public static FloatPointer at(FloatPointer pointer, long offset) {
    return new FloatPointer(pointer).position(pointer.position() + offset);
  }

  /**
   * Elements {@code [offset, offset + length)} as a buffer that starts at 0. At most 2^29 elements.
   */
  public static FloatBuffer view(FloatPointer pointer, long offset, long length) {
    if (length > MOST) {
      throw new IllegalArgumentException(
          "A view of " + length + " floats is larger than a Java buffer; work on it in windows.");
    }
    // From a new address: a position of 2 GiB and more would not fit the buffer's int.
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

  /** ND4J's own check stumbles over the strides of dimensions of size 1, which mean nothing. */
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
      throw new IllegalArgumentException("Only memory from its start on can be zeroed.");
    }
    Pointer.memset(pointer, 0, length * Float.BYTES);
  }

  /** Copies {@code length} elements. */
  public static void copy(FloatPointer from, FloatPointer to, long length) {
    view(to, 0, length).put(view(from, 0, length));
  }
}
