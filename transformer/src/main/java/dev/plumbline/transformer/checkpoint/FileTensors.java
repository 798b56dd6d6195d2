package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.safetensors.SafetensorsWriter.Tensor;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelFamily;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The tensors of a checkpoint's files, named and packed as its family does it. Each is made from
 * the weights when it is written, so that the whole model need not be in memory.
 *
 * @param weight gives a weight by its name in a model, float32
 * @param kept whether a weight's array is kept; otherwise it is closed after it is written
 */
record FileTensors(LlamaConfig config, Function<String, INDArray> weight, Predicate<String> kept) {

  /** All tensors, in the order of the weights. */
  Map<String, Tensor> all() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, long[]> packedShapes = config.family().tensors(config);
    config
        .weightShapes()
        .forEach(
            (name, shape) -> {
              ModelFamily.Place place = config.family().place(name, config);
              if (place.whole()) {
                tensors.put(
                    place.tensor(), new Tensor(shape, () -> weight.apply(name), !kept.test(name)));
              } else {
                tensors.computeIfAbsent(
                    place.tensor(),
                    tensor -> new Tensor(packedShapes.get(tensor), () -> packed(tensor), true));
              }
            });
    return tensors;
  }

  /** A tensor that holds several weights. */
  private INDArray packed(String tensor) {
    INDArray packed =
        Nd4j.createUninitializedDetached(
            DataType.FLOAT, 'c', config.family().tensors(config).get(tensor));
    for (String name : config.weightShapes().keySet()) {
      ModelFamily.Place place = config.family().place(name, config);
      if (place.tensor().equals(tensor)) {
        INDArray array = weight.apply(name);
        int width = (int) array.size(1);
        float[] run = new float[place.length() * width];
        for (int i = 0; i < place.starts().length; i++) {
          Memory.view(array).get(i * run.length, run);
          Memory.view(packed).put(place.starts()[i] * width, run);
        }
        if (!kept.test(name)) {
          array.close();
        }
      }
    }
    return packed;
  }
}
