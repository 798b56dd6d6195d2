package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * al. 2024, arXiv 2402.09353, Eq. 5 and section 4.3) trains the length of each row separately from
 * its direction; the norm is not part of the gradient:
 *
 * <pre>
 *   W'_i = m_i (W + s B A)_i / |(W + s B A)_i|,     m_i = |W_i| at first
 * </pre>
 *
 * <p>The weights of the base do not change, so the base without the adapter can serve as the
 * reference model. Close an adapter to free its arrays.
 */
public final class Lora implements AutoCloseable {
  /** PEFT's description of an adapter. */
  public static final String CONFIG = "adapter_config.json";

  /** PEFT's file of an adapter's weights. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  /** Every linear layer of a block. */
  public static final List<String> ALL =
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

  private final LlamaConfig config;
  private final Settings settings;
  private final Map<String, INDArray> arrays;
  private final DoraNorms norms = new DoraNorms();
  private final Map<String, INDArray> saved; // replacements of weights of the base

  /**
   * Hyperparameters of an adapter.
   *
   * @param rank r
   * @param alpha the update is scaled by alpha / r
   * @param dropout dropout probability of the adapter's inputs in training
   * @param targets last parts of the names of the adapted layers, such as {@code q_proj}
   * @param rankStabilized rsLoRA: the update is scaled by alpha / sqrt(r)
   * @param magnitudes whether this is DoRA
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
        throw new ModelException("lora-rank must be >= 1, but is " + rank + ".");
      }
      if (!(alpha > 0) || Double.isInfinite(alpha)) {
        throw new ModelException("lora-alpha must be > 0, but is " + alpha + ".");
      }
      if (!(dropout >= 0 && dropout < 1)) {
        throw new ModelException("lora-dropout must be >= 0 and < 1, but is " + dropout + ".");
      }
      if (targets.isEmpty()) {
        throw new ModelException("lora-targets names no layer; give some of " + ALL + ".");
      }
    }

    /** The factor s of B A. */
    public double scale() {
      return scale(alpha, rank, rankStabilized);
    }

    static double scale(double alpha, int rank, boolean rankStabilized) {
      return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }
  }

  /**
   * An adapter with these matrices.
   *
   * @param config configuration of the base
   */
  Lora(LlamaConfig config, Settings settings, Map<String, INDArray> arrays) {
    this(config, settings, arrays, Map.of());
  }

  /**
   * The same with weights that replace those of the base (PEFT's {@code modules_to_save}).
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
   * A new adapter, which does not change the model yet: A is uniform between {@code -1 / sqrt(in)}
   * and {@code 1 / sqrt(in)} as in PEFT, and B is zero.
   */
  public static Lora random(LlamaWeights base, Settings settings, RandomStream stream) {
    Lora adapter = random(base.config(), settings, stream);
    if (settings.magnitudes()) {
      adapter.addMagnitudes(base);
    }
    return adapter;
  }

  /** The same without the weights of the base; not for DoRA, which needs them. */
  public static Lora random(LlamaConfig config, Settings settings, RandomStream stream) {
    Ops.install();
    return new Lora(config, settings, LoraMatrices.random(config, settings, stream));
  }

  /** DoRA's magnitudes, at first the norms of the rows of W. */
  private void addMagnitudes(LlamaWeights base) {
    for (String name : weights()) {
      INDArray magnitude = Nd4j.create(DataType.FLOAT, base.get(name).size(0));
      arrays.put(nameOfMagnitude(name), magnitude);
    }
    measure(base);
    norms.assignTo(this);
  }

  /** Refuses settings that do not fit a model. */
  public static void check(LlamaConfig config, Settings settings) {
    if (settings.magnitudes() && settings.dropout() > 0) {
      throw new ModelException(
          "lora-dropout must be 0 with DoRA (use-dora), which is trained without dropout only, but is "
              + settings.dropout()
              + ".");
    }
    LoraMatrices.shapes(config, settings);
  }

  /** Whether a directory holds an adapter. */
  public static boolean isAdapter(Path directory) {
    return Files.isRegularFile(directory.resolve(CONFIG));
  }

  /** The directory of the base model that an adapter's description names. */
  public static Path base(Path directory) {
    return AdapterFiles.base(directory);
  }

  /** Reads an adapter in PEFT's layout. */
  public static Lora read(Path directory, LlamaConfig config) {
    return AdapterReader.read(directory, config);
  }

  /**
   * Writes PEFT's two files, the weights last.
   *
   * @param base directory of the base model
   */
  public void write(Path directory, Path base, Dtype dtype) {
    AdapterWriter.write(this, directory, base, dtype);
  }

  /** Configuration of its base. */
  LlamaConfig config() {
    return config;
  }

  /** Its hyperparameters. */
  public Settings settings() {
    return settings;
  }

  /** Whether a weight has an adapter. */
  public boolean adapts(String weight) {
    return a(weight) != null;
  }

  /** A [r, in] of a weight, or null. */
  public INDArray a(String weight) {
    return arrays.get(nameOfA(weight));
  }

  /** B [out, r] of a weight, or null. */
  public INDArray b(String weight) {
    return arrays.get(nameOfB(weight));
  }

  /** m [out] of a weight with DoRA, or null. */
  INDArray magnitude(String weight) {
    return arrays.get(nameOfMagnitude(weight));
  }

  /** Names of the weights that have an adapter. */
  List<String> weights() {
    return arrays.keySet().stream()
        .filter(name -> name.endsWith(AdapterFiles.A))
        .map(
            name ->
                name.substring(0, name.length() - AdapterFiles.A.length()) + AdapterFiles.WEIGHT)
        .toList();
  }

  /** Whether W' is W plus a summand, so that the adapter can stay beside unchanged weights. */
  boolean isSummand() {
    return !settings.magnitudes();
  }

  /**
   * Computes the row norms of W + s B A for DoRA. Call it before every micro-batch, because the
   * graph uses these norms as constants.
   *
   * @param base the weights W
   */
  public void measure(LlamaWeights base) {
    if (settings.magnitudes()) {
      weights().forEach(name -> norms.measure(name, base.get(name), this));
    }
  }

  /** The name of a weight's layer: without {@code .weight}. */
  static String layer(String weight) {
    return weight.substring(0, weight.length() - AdapterFiles.WEIGHT.length());
  }

  static String nameOfA(String weight) {
    return layer(weight) + AdapterFiles.A;
  }

  static String nameOfB(String weight) {
    return layer(weight) + AdapterFiles.B;
  }

  static String nameOfMagnitude(String weight) {
    return layer(weight) + AdapterFiles.MAGNITUDE;
  }

  /** Norms that {@link #measure} computed. */
  DoraNorms norms() {
    return norms;
  }

  /** The live matrices by name, such as {@code model.layers.0.self_attn.q_proj.lora_A.weight}. */
  public Map<String, INDArray> arrays() {
    return arrays;
  }

  /** Adds the adapter to the weights: W becomes W'. */
  public void mergeInto(LlamaWeights weights) {
    weights.arrays().forEach(this::mergeInto);
  }

  /**
   * Replaces weights of the base by those that the adapter holds completely, and passes their
   * ownership.
   */
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

  @Override
  public void close() {
    arrays.values().forEach(INDArray::close);
    norms.close();
    saved.values().forEach(INDArray::close);
  }
}
