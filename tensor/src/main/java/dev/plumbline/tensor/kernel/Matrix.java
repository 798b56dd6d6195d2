package dev.plumbline.tensor.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.bytedeco.javacpp.ShortPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows of a weight [rows, width], stored as float32 or bfloat16 and read as float32. Bfloat16
 * weights stay where they are stored, also in a mapped file; only the rows that an operation works
 * on exist in float32.
 */
public final class Matrix {
  /** Buffer for one row. It is kept, because garbage of this size would make the heap grow. */
  private static final ThreadLocal<short[]> STAGE = ThreadLocal.withInitial(() -> new short[0]);

  private final FloatBuffer floats; // of float32, or of pairs of bfloat16
  private final ShortBuffer halves; // or null
  private final int rows;
  private final int width;

  private Matrix(FloatBuffer floats, ShortBuffer halves, int rows, int width) {
    this.floats = floats;
    this.halves = halves;
    this.rows = rows;
    this.width = width;
  }

  /** All rows of an array. */
  public static Matrix of(INDArray array) {
    return of(array, 0, (int) array.size(0));
  }

  /** Some rows of an array, which may be too large for one buffer. */
  public static Matrix of(INDArray array, int first, int count) {
    long width = array.size(1);
    long at = first * width;
    long length = count * width;
    if (array.dataType() != DataType.BFLOAT16) {
      return new Matrix(Memory.view(Memory.pointer(array), at, length), null, count, (int) width);
    }
    if (length > Integer.MAX_VALUE / Short.BYTES) {
      throw new IllegalArgumentException(
          "A view of " + length + " values is larger than a Java buffer; work on it in windows.");
    }
    ShortPointer pointer = new ShortPointer(array.data().addressPointer());
    ShortPointer window = pointer.getPointer(at);
    window.capacity(window.position() + length);
    ByteBuffer bytes = window.asByteBuffer().order(ByteOrder.nativeOrder());
    return new Matrix(bytes.asFloatBuffer(), bytes.asShortBuffer(), count, (int) width);
  }

  /** Dense float32 rows. */
  public static Matrix of(FloatBuffer floats, int rows, int width) {
    return new Matrix(floats, null, rows, width);
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Number of columns. */
  public int width() {
    return width;
  }

  /** Copies rows {@code [from, to)} to {@code tile[at ...]}, without padding. */
  public void dense(int from, int to, float[] tile, int at) {
    if (halves == null) {
      floats.get(from * width, tile, at, (to - from) * width);
      return;
    }
    for (int row = from; row < to; row++) {
      widen(row, tile, at + (row - from) * width);
    }
  }

  /** Copies rows {@code [from, to)} to a tile, each padded. */
  public void padded(int from, int to, float[] tile) {
    int stride = Kernels.padded(width);
    if (stride == width) {
      dense(from, to, tile, 0);
      return;
    }
    for (int row = from; row < to; row++) {
      dense(row, row + 1, tile, (row - from) * stride);
    }
  }

  /**
   * Rows {@code [from, to)} of bfloat16 without conversion, two values in the bits of each float;
   * see {@link ProductKernels#productOfPairs}. The width is even.
   */
  void pairs(int from, int to, float[] tile) {
    int count = width / 2;
    floats.get(from * count, tile, 0, (to - from) * count);
  }

  /** A bfloat16 is the upper half of a float32. */
  private void widen(int row, float[] tile, int at) {
    short[] values = STAGE.get();
    if (values.length < width) {
      values = new short[width];
      STAGE.set(values);
    }
    halves.get(row * width, values, 0, width);
    for (int j = 0; j < width; j++) {
      tile[at + j] = Float.intBitsToFloat(values[j] << 16);
    }
  }
}
