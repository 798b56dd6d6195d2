package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.transformer.model.ModelException;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Norms of the rows of W + s B A, by which DoRA divides; see {@link Lora}. */
final class DoraNorms implements AutoCloseable {
  private final Map<String, INDArray> norms = new LinkedHashMap<>(); // [out]

  /**
   * Computes the norms of one weight.
   *
   * @param weight W [out, in]
   */
  void measure(String name, INDArray weight, Lora lora) {
    int width = (int) weight.size(1);
    INDArray norm = norms.computeIfAbsent(name, n -> Nd4j.create(DataType.FLOAT, weight.size(0)));
    FloatBuffer lengths = Memory.view(norm);
    float[] row = new float[width];
    float[] update = new float[width];
    try (INDArray product = lora.b(name).mmul(lora.a(name))) { // [out, in]
      FloatBuffer updates = Memory.view(product.ordering() == 'c' ? product : product.dup('c'));
      for (int i = 0; i < weight.size(0); i++) {
        Matrix.of(weight, i, 1).dense(0, 1, row, 0);
        updates.get(i * width, update);
        double sum = 0;
        for (int j = 0; j < width; j++) {
          double value = row[j] + lora.settings().scale() * update[j];
          sum += value * value;
        }
        lengths.put(i, (float) Math.sqrt(sum));
      }
    }
  }

  /** The norms [out] of a weight. */
  INDArray of(String name) {
    return norms.get(name);
  }

  /** Sets each magnitude to the norm of its row, which must not be 0. */
  void assignTo(Lora lora) {
    norms.forEach(
        (name, norm) -> {
          checkRows(name, norm);
          lora.magnitude(name).assign(norm);
        });
  }

  private static void checkRows(String name, INDArray norm) {
    for (int i = 0; i < norm.length(); i++) {
      if (norm.getFloat(i) == 0) {
        throw new ModelException(
            "Row "
                + i
                + " of "
                + name
                + " is zero, so DoRA has no direction for it; leave the layer out of lora-targets, or"
                + " train without use-dora.");
      }
    }
  }

  @Override
  public void close() {
    norms.values().forEach(INDArray::close);
  }
}
