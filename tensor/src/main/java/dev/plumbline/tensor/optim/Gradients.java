package dev.plumbline.tensor.optim;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients by parameter name, summed over the micro-batches of a step. Off-heap; close it. */
public final class Gradients implements AutoCloseable {
  private static final int TILE = 4096;
  private final Map<String, INDArray> sums = new LinkedHashMap<>();

  /** Zeros for the given parameters. */
  public Gradients(Map<String, INDArray> parameters) {
    parameters.forEach(
        (name, parameter) -> sums.put(name, Nd4j.zeros(DataType.FLOAT, parameter.shape())));
  }

  /** The sums; the arrays are the live ones. */
  public Map<String, INDArray> arrays() {
    return sums;
  }

  /** Sets all sums to zero. */
  public void clear() {
    sums.values().forEach(sum -> Memory.zero(Memory.pointer(sum), sum.length()));
  }

  /** Adds one micro-batch. */
  public void add(Map<String, INDArray> gradients) {
    gradients.forEach(
        (name, gradient) -> {
          FloatBuffer sum = Memory.view(sums.get(name));
          FloatBuffer more = Memory.view(Memory.dense(gradient));
          Workers.forChunks(
              sum.capacity(),
              TILE,
              (from, to, worker) -> {
                float[] a = Workers.scratch(worker).tile(0, TILE);
                float[] b = Workers.scratch(worker).tile(1, TILE);
                sum.get(from, a, 0, to - from);
                more.get(from, b, 0, to - from);
                Kernels.ROWS.axpy(1f, b, 0, a, 0, to - from);
                sum.put(from, a, 0, to - from);
              });
        });
  }

  /** Euclidean norm of each gradient by name. */
  public static Map<String, Double> norms(Map<String, INDArray> gradients) {
    Map<String, Double> norms = new LinkedHashMap<>();
    gradients.forEach((name, gradient) -> norms.put(name, Math.sqrt(squaredNorm(gradient))));
    return norms;
  }

  /** Euclidean norm of all gradients together. */
  public static double globalNorm(Map<String, INDArray> gradients) {
    double sum = 0;
    for (INDArray gradient : gradients.values()) {
      sum += squaredNorm(gradient);
    }
    return Math.sqrt(sum);
  }

  /**
   * Factor that reduces a global norm to {@code maximum} (Pascanu et al. 2013, Algorithm 1), as
   * PyTorch computes it: {@code min(1, maximum / (norm + 1e-6))}; 1 when {@code maximum} is 0
   * (off).
   */
  public static double clipFactor(double norm, double maximum) {
    return maximum == 0 ? 1 : Math.min(1, maximum / (norm + 1e-6));
  }

  private static double squaredNorm(INDArray gradient) {
    FloatBuffer values = Memory.view(Memory.dense(gradient));
    double[] parts =
        new double
            [(values.capacity() + TILE - 1)
                / TILE]; // summed in order, whichever thread computed them
    Workers.forChunks(
        values.capacity(),
        TILE,
        (from, to, worker) -> {
          float[] tile = Workers.scratch(worker).tile(0, TILE);
          values.get(from, tile, 0, to - from);
          parts[from / TILE] = Kernels.ROWS.squares(tile, 0, to - from);
        });
    double total = 0;
    for (double part : parts) {
      total += part;
    }
    return total;
  }

  @Override
  public void close() {
    sums.values().forEach(INDArray::close);
  }
}
