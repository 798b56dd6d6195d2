package dev.plumbline.tests.benchmarks;

import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Panels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Products.Sink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * {@code y[rows, 768] = x[rows, 288] W^T} on one core: our register tile alone, with packing and
 * copies, and OpenBLAS. 2 * rows * 768 * 288 floating-point operations each.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "-XX:+UseSerialGC",
      "-Dplumbline.threads=1"
    })
public class ProductBenchmark {
  private static final int IN = 288;
  private static final int OUT = 768;

  /** Rows of x: a training batch, a batch of sequences that decode, one sequence. */
  @Param({"1024", "32", "1"})
  public int rows;

  private float[] x;
  private float[] y;
  private Panels packed;
  private float[] panels;
  private FloatBuffer xOffHeap;
  private FloatBuffer wOffHeap;
  private FloatBuffer yOffHeap;
  private FloatPointer xPointer;
  private FloatPointer wPointer;
  private FloatPointer yPointer;

  /** Fills the matrices. */
  @Setup
  public void fill() {
    openblas_nolapack.blas_set_num_threads(1);
    x = new float[rows * IN];
    y = new float[rows * OUT];
    xOffHeap = buffer(rows * IN);
    wOffHeap = buffer(OUT * IN);
    yOffHeap = buffer(rows * OUT);
    xOffHeap.get(0, x);
    panels = new float[Panels.size(IN, OUT)];
    packed = Products.transposed(Matrix.of(wOffHeap, OUT, IN), panels);
    xPointer = new FloatPointer(xOffHeap);
    wPointer = new FloatPointer(wOffHeap);
    yPointer = new FloatPointer(yOffHeap);
  }

  private static FloatBuffer buffer(int n) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * n).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < n; i++) {
      buffer.put(i, (float) Math.sin(i));
    }
    return buffer;
  }

  /**
   * {@code ProductKernels.product} on heap tiles with W packed beforehand, as the decoder has it.
   */
  @Benchmark
  public float[] kernel() {
    packed.multiply(rows, x, 0, IN, y, 0, OUT, false);
    return y;
  }

  /** Off-heap to off-heap, W packed anew, as a training step has it. */
  @Benchmark
  public FloatBuffer forward() {
    Panels w = Products.transposed(Matrix.of(wOffHeap, OUT, IN), panels);
    Products.forward(
        rows,
        IN,
        Products.rows(xOffHeap, IN),
        new Panels[] {w},
        new Sink[] {Products.into(yOffHeap, OUT)});
    return yOffHeap;
  }

  /** OpenBLAS's sgemm on the same off-heap memory. */
  @Benchmark
  public FloatPointer openBlas() {
    openblas.cblas_sgemm(
        101, 111, 112, rows, OUT, IN, 1f, xPointer, IN, wPointer, IN, 0f, yPointer, OUT);
    return yPointer;
  }
}
