package dev.plumbline.transformer;

import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.TensorEntry;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The float32 weights of a decoder by Hugging Face name, off-heap. Close it to free them. */
public final class LlamaWeights implements AutoCloseable {
  private final LlamaConfig config;
  private final Map<String, INDArray> arrays;

  private LlamaWeights(LlamaConfig config, Map<String, INDArray> arrays) {
    this.config = config;
    this.arrays = arrays;
  }

  /**
   * Reads all weights that the configuration names from a model directory; checks names and shapes
   * first.
   */
  public static LlamaWeights read(LlamaConfig config, Path directory) {
    Ops.install();
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      check(config, reader.entries(), directory);
      Map<String, INDArray> arrays = new LinkedHashMap<>();
      config.weightShapes().keySet().forEach(name -> arrays.put(name, reader.read(name)));
      return new LlamaWeights(config, arrays);
    }
  }

  /**
   * New weights: norms 1, matrices normal with deviation {@code initializer_range}, those that
   * write into the residual stream divided by sqrt(2 layers) (Radford et al. 2019, section 2.3).
   */
  public static LlamaWeights random(LlamaConfig config, RandomStream stream) {
    Ops.install();
    double deviation = config.json().path("initializer_range").asDouble(0.02);
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    config
        .weightShapes()
        .forEach(
            (name, shape) -> {
              INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
              FloatBuffer values = Memory.view(array);
              boolean residual =
                  name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
              double scale = residual ? deviation / Math.sqrt(2.0 * config.layers()) : deviation;
              RandomStream own = stream.child(name);
              for (int i = 0; i < values.capacity(); i++) {
                values.put(i, shape.length == 1 ? 1f : (float) (own.nextGaussian() * scale));
              }
              arrays.put(name, array);
            });
    return new LlamaWeights(config, arrays);
  }

  /** Architecture. */
  public LlamaConfig config() {
    return config;
  }

  /** All weights in Hugging Face's order; the arrays are the live ones. */
  public Map<String, INDArray> arrays() {
    return arrays;
  }

  /** One weight by its Hugging Face name. */
  public INDArray get(String name) {
    INDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("There is no weight " + name + ".");
    }
    return array;
  }

  @Override
  public void close() {
    arrays.values().forEach(INDArray::close);
  }

  private static void check(LlamaConfig config, Map<String, TensorEntry> found, Path directory) {
    Map<String, long[]> wanted = config.weightShapes();
    List<String> problems = new ArrayList<>();
    wanted.forEach(
        (name, shape) -> {
          TensorEntry entry = found.get(name);
          if (entry == null) {
            problems.add(name + " is missing");
          } else if (!Arrays.equals(entry.shape(), shape)) {
            problems.add(
                name
                    + " has shape "
                    + Arrays.toString(entry.shape())
                    + " where config.json asks for "
                    + Arrays.toString(shape));
          }
        });
    for (String name : found.keySet()) {
      // Old exports carry the rotary table, and tied ones sometimes a copy of the embedding:
      // neither is a parameter.
      boolean known =
          wanted.containsKey(name)
              || name.endsWith("rotary_emb.inv_freq")
              || (config.tiedEmbeddings() && name.equals("lm_head.weight"));
      if (!known) {
        problems.add(name + " is not a weight of this architecture");
      }
    }
    if (!problems.isEmpty()) {
      int shown = Math.min(5, problems.size());
      throw new ModelException(
          "The weights in "
              + directory
              + " do not fit its config.json: "
              + String.join("; ", problems.subList(0, shown))
              + (problems.size() > shown ? "; and " + (problems.size() - shown) + " more" : "")
              + ".");
    }
  }
}
