package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Shapes and initial values of the matrices A and B of an adapter. */
final class LoraMatrices {
  private LoraMatrices() {}

  /** New matrices by name: A random, B zero; see {@link Lora#random}. */
  static Map<String, INDArray> random(
      LlamaConfig config, Lora.Settings settings, RandomStream stream) {
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    shapes(config, settings)
        .forEach(
            (name, shape) -> {
              INDArray array = Nd4j.create(DataType.FLOAT, shape);
              if (name.endsWith(AdapterFiles.A)) {
                FloatBuffer values = Memory.view(array);
                RandomStream own = stream.child(name);
                double bound = 1 / Math.sqrt(shape[1]);
                for (int i = 0; i < values.capacity(); i++) {
                  values.put(i, (float) ((2 * own.nextDouble() - 1) * bound));
                }
              }
              arrays.put(name, array);
            });
    return arrays;
  }

  /**
   * Shapes of both matrices of every target by their names in a model, {@code ….lora_A.weight}
   * first. Refuses targets that the model does not have.
   */
  static Map<String, long[]> shapes(LlamaConfig config, Lora.Settings settings) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    TreeSet<String> missing = new TreeSet<>(settings.targets());
    config
        .weightShapes()
        .forEach(
            (name, shape) -> {
              String layer = Lora.layer(name);
              String target = layer.substring(layer.lastIndexOf('.') + 1);
              boolean linear = shape.length == 2 && !target.equals("embed_tokens");
              if (linear && settings.targets().contains(target)) {
                if (settings.rank() > Math.max(shape[0], shape[1])) {
                  throw new ModelException(
                      "lora-rank must be <= "
                          + Math.max(shape[0], shape[1])
                          + ", the larger side of "
                          + layer
                          + ", but is "
                          + settings.rank()
                          + ".");
                }
                missing.remove(target);
                shapes.put(layer + AdapterFiles.A, new long[] {settings.rank(), shape[1]});
                shapes.put(layer + AdapterFiles.B, new long[] {shape[0], settings.rank()});
              }
            });
    if (!missing.isEmpty()) {
      throw new ModelException(
          "The model has no linear layer "
              + missing.first()
              + " for an adapter; its linear layers are "
              + Lora.ALL
              + (config.tiedEmbeddings() ? "." : " and lm_head."));
    }
    return shapes;
  }
}
