package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.tensor.safetensors.TensorEntry;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.model.ModelFamily;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The weights of a decoder by Llama's names, off-heap. They are float32, or bfloat16 in mapped
 * files for a frozen model. Close it to free them.
 */
public final class LlamaWeights implements AutoCloseable {
  private static final int WINDOW = 1 << 28; // values of new weights that are computed at once

  private final LlamaConfig config;
  private final Map<String, INDArray> arrays;

  private final List<Pointer> mapped = new ArrayList<>(); // keeps files mapped
  private Lora adapter; // or null
  private Map<Path, String> hashes = Map.of();

  private LlamaWeights(LlamaConfig config, Map<String, INDArray> arrays) {
    this.config = config;
    this.arrays = arrays;
  }

  /**
   * Reads all weights that the configuration names from a model directory; checks names and shapes
   * first.
   */
  public static LlamaWeights read(LlamaConfig config, Path directory) {
    return read(config, directory, false);
  }

  /**
   * The same for a model that is not trained.
   *
   * @param inPlace whether matrices of bfloat16 files stay in the mapped files; only the fused
   *     operations can read them
   */
  public static LlamaWeights read(LlamaConfig config, Path directory, boolean inPlace) {
    return read(config, directory, inPlace, false);
  }

  /**
   * The same, in one pass over the files.
   *
   * @param hashing also hashes the files, see {@link #hashes}
   */
  static LlamaWeights read(LlamaConfig config, Path directory, boolean inPlace, boolean hashing) {
    Ops.install();
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      check(config, reader, directory);
      reader.finite();
      if (hashing) {
        reader.hashing();
      }
      LlamaWeights weights = new LlamaWeights(config, new LinkedHashMap<>());
      Map<String, List<String>> byTensor = new HashMap<>();
      Map<String, long[]> shapes = config.weightShapes();
      for (String name : shapes.keySet()) {
        weights.arrays.put(name, null); // keeps the order of the model
        byTensor
            .computeIfAbsent(
                config.family().place(name, config).tensor(), tensor -> new ArrayList<>())
            .add(name);
      }
      try {
        for (String tensor : reader.entries().keySet()) { // in the order of the files
          for (String name : byTensor.getOrDefault(tensor, List.of())) {
            long[] shape = shapes.get(name);
            boolean matrix = shape.length == 2 && shape[1] % 2 == 0;
            weights.add(reader, name, shape, inPlace && matrix);
          }
        }
        weights.hashes = reader.sha256();
      } catch (RuntimeException e) {
        weights.close();
        throw e;
      }
      return weights;
    }
  }

  private void add(SafetensorsReader reader, String name, long[] shape, boolean inPlace) {
    ModelFamily.Place place = config.family().place(name, config);
    TensorEntry entry = reader.entries().get(place.tensor());
    boolean fits = entry.bytes() <= Integer.MAX_VALUE; // size limit of one buffer
    if (inPlace && place.whole() && fits && entry.dtype() == Dtype.BF16) {
      SafetensorsReader.Mapped tensor = reader.map(place.tensor());
      mapped.add(tensor.memory());
      arrays.put(name, tensor.array());
    } else {
      if (ArrayUtil.prodLong(shape) > Memory.MAX_FLOATS) {
        throw new ModelException(
            entry
                + " would be "
                + ArrayUtil.prodLong(shape)
                + " values of float32, and "
                + Memory.MAX_FLOATS
                + " is the maximum; a model with such a matrix can be used as BF16 in its files, but not trained completely.");
      }
      arrays.put(name, read(config, reader, name, shape));
    }
  }

  /** SHA-256 of the weight files if they were hashed while they were read, else empty. */
  public Map<Path, String> hashes() {
    return hashes;
  }

  /** The adapter beside weights in mapped files, or null. */
  public Lora adapter() {
    return adapter;
  }

  /** Whether there is an adapter beside weights in mapped files. */
  public boolean hasAdapter() {
    return adapter != null;
  }

  /** Adds an adapter beside weights in mapped files, and takes ownership of it. */
  void putBeside(Lora adapter) {
    this.adapter = adapter;
  }

  /** Replaces a weight by an array of the same shape, and takes ownership of it. */
  void replace(String name, INDArray array) {
    get(name).close();
    arrays.put(name, array);
  }

  /** Whether some weights are in mapped files, so that their arrays are read-only. */
  public boolean inPlace() {
    return !mapped.isEmpty();
  }

  private static INDArray read(
      LlamaConfig config, SafetensorsReader reader, String name, long... shape) {
    ModelFamily.Place place = config.family().place(name, config);
    if (place.whole()) {
      return reader.read(place.tensor());
    }
    INDArray array = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape);
    int width = (int) shape[1];
    float[] run = new float[place.length() * width];
    for (int i = 0; i < place.starts().length; i++) {
      reader.readFloat(place.tensor(), run, 0, (long) place.starts()[i] * width, run.length);
      Memory.view(array).put(i * run.length, run);
    }
    return array;
  }

  /** The tensors of files; an adapter beside the weights is merged: W + (alpha / r) B A. */
  public Map<String, SafetensorsWriter.Tensor> asTensors() {
    return new FileTensors(config, name -> asIs(name) ? arrays.get(name) : made(name), this::asIs)
        .all();
  }

  private boolean asIs(String name) {
    boolean adapted = adapter != null && adapter.adapts(name);
    return arrays.get(name).dataType() == DataType.FLOAT && !adapted;
  }

  /** A float32 copy of a weight with its adapter. */
  private INDArray made(String name) {
    INDArray array = arrays.get(name);
    INDArray copy = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', array.shape());
    int width = (int) array.size(1);
    float[] row = new float[width];
    for (int i = 0; i < array.size(0); i++) {
      Matrix.of(array, i, 1).dense(0, 1, row, 0);
      Memory.view(Memory.pointer(copy), (long) i * width, width).put(row);
    }
    if (adapter != null) {
      adapter.mergeInto(name, copy);
    }
    return copy;
  }

  /**
   * New weights: norms 1, matrices and biases normal with deviation {@code initializer_range},
   * matrices that write to the residual stream are divided by sqrt(2 layers) (Radford et al. 2019,
   * section 2.3).
   */
  public static LlamaWeights random(LlamaConfig config, RandomStream stream) {
    Ops.install();
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    config
        .weightShapes()
        .forEach((name, shape) -> arrays.put(name, random(config, name, shape, stream)));
    return new LlamaWeights(config, arrays);
  }

  /** The tensors of the files of these weights, each made when it is written. */
  static Map<String, SafetensorsWriter.Tensor> randomTensors(
      LlamaConfig config, RandomStream stream) {
    Ops.install();
    Map<String, long[]> shapes = config.weightShapes();
    return new FileTensors(
            config, name -> random(config, name, shapes.get(name), stream), name -> false)
        .all();
  }

  private static INDArray random(
      LlamaConfig config, String name, long[] shape, RandomStream stream) {
    double deviation = config.json().path("initializer_range").asDouble(0.02);
    INDArray array = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape);
    boolean residual = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight");
    double scale = residual ? deviation / Math.sqrt(2.0 * config.layers()) : deviation;
    RandomStream own = stream.child(name);
    boolean norm = shape.length == 1 && !name.endsWith(".bias");
    for (long at = 0; at < array.length(); at += WINDOW) {
      int count = (int) Math.min(WINDOW, array.length() - at);
      FloatBuffer values = Memory.view(Memory.pointer(array), at, count);
      for (int i = 0; i < count; i++) {
        values.put(i, norm ? 1f : (float) (own.nextGaussian() * scale));
      }
    }
    return array;
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
    arrays.values().stream().filter(Objects::nonNull).forEach(INDArray::close);
    if (adapter != null) {
      adapter.close();
    }
  }

  private static void check(LlamaConfig config, SafetensorsReader reader, Path directory) {
    Map<String, TensorEntry> found = reader.entries();
    Map<String, long[]> wanted = config.family().tensors(config);
    String head = config.family().place("lm_head.weight", config).tensor();
    List<String> problems = new ArrayList<>();
    wanted.forEach(
        (name, shape) -> {
          TensorEntry entry = found.get(name);
          if (entry == null) {
            String shard = reader.placedIn(name);
            problems.add(
                name
                    + (shard == null
                        ? " is missing"
                        : " is missing: the index places it in " + shard + ", which lacks it"));
          } else if (!Arrays.equals(entry.shape(), shape)) {
            problems.add(
                entry + " stands where config.json asks for shape " + Arrays.toString(shape));
          }
        });
    for (String name : found.keySet()) {
      // Old exports carry the rotary table, and tied ones sometimes a copy of the embedding:
      // neither is a parameter.
      boolean known =
          wanted.containsKey(name)
              || reader.isUnlisted(name)
              || name.endsWith("rotary_emb.inv_freq")
              || (config.tiedEmbeddings() && name.equals(head));
      if (!known) {
        problems.add(found.get(name) + " is not a weight of this architecture");
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
