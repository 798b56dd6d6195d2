package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Low-rank adapters of linear layers (Hu et al. 2021, arXiv 2106.09685, Eq. 3), in the files of
 * PEFT:
 *
 * <pre>
 *   W' = W + s B A,     s = alpha / r,     A [r, in] random,  B [out, r] zero at first
 * </pre>
 *
 * <p>rsLoRA (Kalajdzievski 2023, arXiv 2312.03732) takes {@code s = alpha / sqrt(r)}. DoRA (Liu et
 * al. 2024, arXiv 2402.09353, Eq. 5 and section 4.3) trains the length of each row apart from its
 * direction, with the norm outside the gradient:
 *
 * <pre>
 *   W'_i = m_i (W + s B A)_i / |(W + s B A)_i|,     m_i = |W_i| at first
 * </pre>
 *
 * <p>The weights of the base stay as they are, so that the base without the adapter is at hand as a
 * reference. Close it to free its arrays.
 */
public final class Lora implements AutoCloseable {
  /** PEFT's description of an adapter. */
  public static final String CONFIG = "adapter_config.json";

  /** PEFT's file of an adapter's weights. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  /** Every linear layer of a block. */
  public static final List<String> ALL =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  private static final String MAGNITUDE = ".lora_magnitude_vector";

  private final LlamaConfig config;
  private final Settings settings;
  private final Map<String, INDArray> arrays;
  private final Map<String, INDArray> norms = new LinkedHashMap<>(); // [out], of DoRA's weights
  private final Map<String, INDArray> saved; // in place of weights of the base

  /**
   * What an adapter is.
   *
   * @param rank r
   * @param alpha the adapter counts alpha / r times
   * @param dropout share of an adapter's inputs that a training step leaves out
   * @param targets last parts of the names of the layers that have one, such as {@code q_proj}
   * @param rankStabilized rsLoRA: the adapter counts alpha / sqrt(r) times
   * @param magnitudes DoRA
   */
  public record Settings(
      int rank,
      double alpha,
      double dropout,
      List<String> targets,
      boolean rankStabilized,
      boolean magnitudes) {
    /** Plain LoRA. */
    public Settings(int rank, double alpha, double dropout, List<String> targets) {
      this(rank, alpha, dropout, targets, false, false);
    }

    /** Checks the ranges. */
    public Settings {
      targets = List.copyOf(targets);
      if (rank < 1) {
        throw new ModelException("lora-rank is " + rank + ", and at least 1 is needed.");
      }
      if (!(alpha > 0) || Double.isInfinite(alpha)) {
        throw new ModelException("lora-alpha is " + alpha + ", and a number above 0 is needed.");
      }
      if (!(dropout >= 0 && dropout < 1)) {
        throw new ModelException(
            "lora-dropout is " + dropout + ", and a number of 0 or more and below 1 is needed.");
      }
      if (targets.isEmpty()) {
        throw new ModelException("lora-targets names no layer; give some of " + ALL + ".");
      }
    }

    /** s: what B A is multiplied by. */
    public double scale() {
      return scale(alpha, rank, rankStabilized);
    }

    static double scale(double alpha, int rank, boolean rankStabilized) {
      return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }
  }

  /**
   * An adapter of these matrices.
   *
   * @param config of its base
   */
  Lora(LlamaConfig config, Settings settings, Map<String, INDArray> arrays) {
    this(config, settings, arrays, Map.of());
  }

  /**
   * The same with weights that it has in place of the base's (PEFT's {@code modules_to_save}).
   *
   * @param saved by their names in a model
   */
  Lora(
      LlamaConfig config,
      Settings settings,
      Map<String, INDArray> arrays,
      Map<String, INDArray> saved) {
    this.config = config;
    this.settings = settings;
    this.arrays = arrays;
    this.saved = new LinkedHashMap<>(saved);
  }

  /**
   * A new adapter that changes nothing yet: A uniform between {@code -1 / sqrt(in)} and {@code 1 /
   * sqrt(in)} as in PEFT, B zero.
   */
  public static Lora random(LlamaWeights base, Settings settings, RandomStream stream) {
    Lora adapter = random(base.config(), settings, stream);
    if (settings.magnitudes()) {
      adapter
          .weights()
          .forEach(
              name ->
                  adapter.arrays.put(
                      layer(name) + MAGNITUDE,
                      Nd4j.create(DataType.FLOAT, base.get(name).size(0))));
      adapter.measure(base);
      adapter.norms.forEach(
          (name, norm) -> {
            adapter.checkRows(name, norm);
            adapter.magnitude(name).assign(norm);
          });
    }
    return adapter;
  }

  /** The same without the base's weights, which DoRA needs. */
  public static Lora random(LlamaConfig config, Settings settings, RandomStream stream) {
    Ops.install();
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    shapes(config, settings)
        .forEach(
            (name, shape) -> {
              INDArray array = Nd4j.create(DataType.FLOAT, shape);
              if (name.endsWith(".lora_A.weight")) {
                FloatBuffer values = Memory.view(array);
                RandomStream own = stream.child(name);
                double bound = 1 / Math.sqrt(shape[1]);
                for (int i = 0; i < values.capacity(); i++) {
                  values.put(i, (float) ((2 * own.nextDouble() - 1) * bound));
                }
              }
              arrays.put(name, array);
            });
    return new Lora(config, settings, arrays);
  }

  /** Refuses settings that do not fit a model. */
  public static void check(LlamaConfig config, Settings settings) {
    if (settings.magnitudes() && settings.dropout() > 0) {
      throw new ModelException(
          "lora-dropout is "
              + settings.dropout()
              + ", and DoRA (use-dora) is trained without dropout only.");
    }
    shapes(config, settings);
  }

  /** The two matrices of every target by their names in a model, {@code ….lora_A.weight} first. */
  private static Map<String, long[]> shapes(LlamaConfig config, Settings settings) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    TreeSet<String> missing = new TreeSet<>(settings.targets());
    config
        .weightShapes()
        .forEach(
            (name, shape) -> {
              String layer = name.substring(0, name.length() - ".weight".length());
              String target = layer.substring(layer.lastIndexOf('.') + 1);
              boolean linear = shape.length == 2 && !target.equals("embed_tokens");
              if (linear && settings.targets().contains(target)) {
                if (settings.rank() > Math.max(shape[0], shape[1])) {
                  throw new ModelException(
                      "lora-rank is "
                          + settings.rank()
                          + ", and "
                          + layer
                          + " is only "
                          + shape[0]
                          + " by "
                          + shape[1]
                          + "; a rank below its width is needed.");
                }
                missing.remove(target);
                shapes.put(layer + ".lora_A.weight", new long[] {settings.rank(), shape[1]});
                shapes.put(layer + ".lora_B.weight", new long[] {shape[0], settings.rank()});
              }
            });
    if (!missing.isEmpty()) {
      throw new ModelException(
          "The model has no linear layer "
              + missing.first()
              + " for an adapter; its linear layers are "
              + ALL
              + (config.tiedEmbeddings() ? "." : " and lm_head."));
    }
    return shapes;
  }

  /** Whether a directory holds an adapter. */
  public static boolean isAdapter(Path directory) {
    return Files.isRegularFile(directory.resolve(CONFIG));
  }

  /** The directory of the base model that an adapter's description names. */
  public static Path base(Path directory) {
    return LoraFiles.base(directory);
  }

  /** Reads an adapter in PEFT's layout. */
  public static Lora read(Path directory, LlamaConfig config) {
    return LoraFiles.read(directory, config);
  }

  /**
   * Writes PEFT's two files, the weights last.
   *
   * @param base directory of the base model
   */
  public void write(Path directory, Path base, Dtype dtype) {
    LoraFiles.write(this, directory, base, dtype);
  }

  /** Architecture of its base. */
  LlamaConfig config() {
    return config;
  }

  /** What it is. */
  public Settings settings() {
    return settings;
  }

  /** Whether a weight has an adapter. */
  public boolean adapts(String weight) {
    return a(weight) != null;
  }

  /** A [r, in] of a weight, or null. */
  public INDArray a(String weight) {
    return arrays.get(layer(weight) + ".lora_A.weight");
  }

  /** B [out, r] of a weight, or null. */
  public INDArray b(String weight) {
    return arrays.get(layer(weight) + ".lora_B.weight");
  }

  /** m [out] of a weight under DoRA, or null. */
  INDArray magnitude(String weight) {
    return arrays.get(layer(weight) + MAGNITUDE);
  }

  /** Names of the weights that have an adapter. */
  private List<String> weights() {
    return arrays.keySet().stream()
        .filter(name -> name.endsWith(".lora_A.weight"))
        .map(name -> name.substring(0, name.length() - ".lora_A.weight".length()) + ".weight")
        .toList();
  }

  /** Whether it can work beside weights that are not changed: W' is W and a summand. */
  boolean isSummand() {
    return !settings.magnitudes();
  }

  /**
   * Measures the rows of W + s B A under DoRA, before every micro-batch: the graph takes these
   * norms as constants.
   *
   * @param base the weights W
   */
  public void measure(LlamaWeights base) {
    if (settings.magnitudes()) {
      weights().forEach(name -> norms(name, base.get(name)));
    }
  }

  /** DoRA divides by the length of every row. */
  private void checkRows(String name, INDArray norm) {
    for (int i = 0; i < norm.length(); i++) {
      if (norm.getFloat(i) == 0) {
        throw new ModelException(
            "Row "
                + i
                + " of "
                + name
                + " is zero, so that DoRA has no direction for it; leave the layer out of lora-targets, or train without use-dora.");
      }
    }
  }

  private void norms(String name, INDArray weight) {
    int width = (int) weight.size(1);
    INDArray norm = norms.computeIfAbsent(name, n -> Nd4j.create(DataType.FLOAT, weight.size(0)));
    FloatBuffer lengths = Memory.view(norm);
    float[] row = new float[width];
    float[] update = new float[width];
    try (INDArray product = b(name).mmul(a(name))) {
      FloatBuffer updates = Memory.view(product.ordering() == 'c' ? product : product.dup('c'));
      for (int i = 0; i < weight.size(0); i++) {
        Matrix.of(weight, i, 1).dense(0, 1, row, 0);
        updates.get(i * width, update);
        double sum = 0;
        for (int j = 0; j < width; j++) {
          double value = row[j] + settings.scale() * update[j];
          sum += value * value;
        }
        lengths.put(i, (float) Math.sqrt(sum));
      }
    }
  }

  private static String layer(String weight) {
    return weight.substring(0, weight.length() - ".weight".length());
  }

  /** The live matrices by name, such as {@code model.layers.0.self_attn.q_proj.lora_A.weight}. */
  public Map<String, INDArray> arrays() {
    return arrays;
  }

  /** Adds the adapter to the weights: W becomes W'. */
  public void mergeInto(LlamaWeights weights) {
    weights.arrays().forEach(this::mergeInto);
  }

  /** Puts the weights that it has as a whole in place of the base's; they are the base's then. */
  void replaceIn(LlamaWeights weights) {
    saved.forEach(weights::replace);
    saved.clear();
  }

  /** Adds the adapter of a weight to the weight [out, in], if it has one. */
  void mergeInto(String name, INDArray weight) {
    if (adapts(name)) {
      try (INDArray product = b(name).mmul(a(name))) {
        weight.addi(product.muli(settings.scale()));
      }
      INDArray magnitude = magnitude(name);
      if (magnitude != null) {
        try (INDArray norm = weight.norm2(1);
            INDArray factor = magnitude.div(norm)) {
          weight.muliColumnVector(factor);
        }
      }
    }
  }

  /**
   * The adapter of one layer in a graph.
   *
   * @param place tells the masks of dropout apart
   * @param lengths DoRA's m and norms [out], or null
   */
  public record Layer(SDVariable a, SDVariable b, double scale, int place, Lengths lengths) {
    /** W'. */
    public SDVariable adapted(SDVariable weight) {
      SDVariable sum = weight.add(b.mmul(a).mul(scale));
      return lengths == null ? sum : sum.mul(lengths.factor(-1, 1)); // [out, in]
    }

    /** The output [n, out] of W + s B A with the lengths that rows of W' have. */
    public SDVariable stretched(SDVariable y) {
      return lengths == null ? y : y.mul(lengths.factor(1, -1));
    }
  }

  /** m, and the norms of W + s B A, which are no part of the gradient. */
  record Lengths(SDVariable magnitude, SDVariable norm) {
    SDVariable factor(long... shape) {
      return magnitude.div(norm).reshape(shape);
    }
  }

  /**
   * Puts matrices into a graph: the adapters of the weights {@code here}, by these names.
   *
   * @param put puts one under its name
   * @param constant puts one that is not trained
   */
  public Map<String, Layer> layers(
      BiFunction<String, INDArray, SDVariable> put,
      BiFunction<String, INDArray, SDVariable> constant,
      Predicate<String> here) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    int place = 0;
    for (String name : arrays.keySet()) {
      if (!name.endsWith(".lora_A.weight")) {
        continue;
      }
      String layer = name.substring(0, name.length() - ".lora_A.weight".length());
      if (here.test(layer + ".weight")) {
        SDVariable a = put.apply(name, arrays.get(name));
        String up = layer + ".lora_B.weight";
        SDVariable b = put.apply(up, arrays.get(up));
        String weight = layer + ".weight";
        Lengths lengths =
            magnitude(weight) == null
                ? null
                : new Lengths(
                    put.apply(layer + MAGNITUDE, magnitude(weight)),
                    constant.apply(layer + ".lora_norm", norms.get(weight)));
        layers.put(weight, new Layer(a, b, settings.scale(), place, lengths));
      }
      place++;
    }
    return layers;
  }

  @Override
  public void close() {
    arrays.values().forEach(INDArray::close);
    norms.values().forEach(INDArray::close);
    saved.values().forEach(INDArray::close);
  }
}
