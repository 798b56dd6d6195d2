package dev.plumbline.transformer.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a configuration scales the rotary angles beyond the length that a model was trained on:
 * {@code rope_scaling} of Hugging Face's {@code config.json}. With {@code f_j = theta^(-2j / d)}
 * for the pair of components j of a head of width d, s the factor, and L the original length:
 *
 * <pre>
 *   linear   f_j / s                                              (Chen et al. 2023, arXiv 2306.15595)
 *   dynamic  theta times (s t / L - s + 1)^(d / (d - 2)) for a token of t = position + 1 above L
 *   llama3   f_j where its wavelength is below L / high, f_j / s where it is above L / low, between them a blend
 *   yarn     f_j where the pair rotates often, f_j / s where it rotates seldom, between them a ramp; cosines and sines times
 *            0.1 ln s + 1                                         (Peng et al. 2023, arXiv 2309.00071)
 * </pre>
 *
 * <p>The angles of a token depend only on its own position, also with {@code dynamic}. So a prefix
 * does not depend on what follows it. Hugging Face computes the same when it generates token by
 * token, but uses the angles of the last token for all when it gets more than L tokens at once.
 */
public sealed interface RopeScaling {
  /** Frequencies [d / 2] of a token, in radians per position. */
  double[] frequencies(double theta, int headDim, int position);

  /** Factor of cosines and sines. */
  default double amplitude() {
    return 1;
  }

  /** First position whose frequencies differ from those before it. */
  default int constantBelow() {
    return Integer.MAX_VALUE;
  }

  /** {@code theta^(-2j / d)}. */
  static double[] plain(double theta, int headDim) {
    double[] f = new double[headDim / 2];
    Arrays.setAll(f, j -> Math.pow(theta, -2.0 * j / headDim));
    return f;
  }

  /** No scaling. */
  record None() implements RopeScaling {
    @Override
    public double[] frequencies(double theta, int headDim, int position) {
      return plain(theta, headDim);
    }
  }

  /** Positions divided by a factor. */
  record Linear(double factor) implements RopeScaling {
    @Override
    public double[] frequencies(double theta, int headDim, int position) {
      double[] f = plain(theta, headDim);
      Arrays.setAll(f, j -> f[j] / factor);
      return f;
    }
  }

  /** A base that grows with the position beyond the original length. */
  record Dynamic(double factor, int original) implements RopeScaling {
    @Override
    public double[] frequencies(double theta, int headDim, int position) {
      int length = Math.max(original, position + 1);
      double growth = factor * length / original - (factor - 1);
      return plain(theta * Math.pow(growth, headDim / (headDim - 2.0)), headDim);
    }

    @Override
    public int constantBelow() {
      return original;
    }
  }

  /** Llama 3.1's: low frequencies divided, high ones kept. */
  record Llama3(double factor, double low, double high, int original) implements RopeScaling {
    @Override
    public double[] frequencies(double theta, int headDim, int position) {
      double[] f = plain(theta, headDim);
      for (int j = 0; j < f.length; j++) {
        double rotations = original * f[j] / (2 * Math.PI); // within the original length
        double kept = Math.max(0, Math.min(1, (rotations - low) / (high - low)));
        f[j] = kept * f[j] + (1 - kept) * f[j] / factor;
      }
      return f;
    }
  }

  /**
   * YaRN.
   *
   * @param fast a pair that rotates more often than this within the original length is kept
   * @param slow the frequency of a pair that rotates less often is divided by the factor
   * @param truncate whether the ends of the ramp are rounded to whole pairs
   */
  record Yarn(
      double factor, double amplitude, double fast, double slow, int original, boolean truncate)
      implements RopeScaling {
    @Override
    public double[] frequencies(double theta, int headDim, int position) {
      double[] f = plain(theta, headDim);
      double from = pair(fast, theta, headDim);
      double to = pair(slow, theta, headDim);
      double low = Math.max(0, truncate ? Math.floor(from) : from);
      double high = Math.min(headDim - 1.0, truncate ? Math.ceil(to) : to);
      double width = low == high ? 0.001 : high - low;
      for (int j = 0; j < f.length; j++) {
        double divided = Math.max(0, Math.min(1, (j - low) / width));
        f[j] = (1 - divided) * f[j] + divided * f[j] / factor;
      }
      return f;
    }

    /** The pair that rotates this often within the original length. */
    private double pair(double rotations, double theta, int headDim) {
      return headDim * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }
  }

  /**
   * Rotary settings of a configuration.
   *
   * @param theta base of the angles
   * @param scaling scaling of the angles
   */
  record Settings(double theta, RopeScaling scaling) {}

  /**
   * Reads {@code rope_scaling}, or Transformers 5's {@code rope_parameters}, which is flat or holds
   * one object for each type of layer; unknown keys are errors.
   */
  static Settings read(ConfigReader config, int maxPositions) {
    double theta = base(config, 10_000);
    List<Settings> all = new ArrayList<>();
    for (String key : List.of("rope_parameters", "rope_scaling")) {
      JsonNode rope = config.object(key);
      if (rope == null) {
        continue;
      }
      List<String> byType =
          rope.propertyStream()
              .filter(e -> e.getValue().isObject())
              .map(Map.Entry::getKey)
              .toList();
      if (!byType.isEmpty() && byType.size() != rope.size()) {
        throw config.error(key + " mixes types of layers, " + byType + ", with other keys");
      }
      for (String type : byType) {
        all.add(parse(config.within(key + "." + type, rope.get(type)), maxPositions, theta));
      }
      if (byType.isEmpty()) {
        all.add(parse(config.within(key, rope), maxPositions, theta));
      }
    }
    if (all.stream().distinct().count() > 1) {
      throw config.error(
          "rope_parameters and rope_scaling, or their types of layers, ask for different angles,"
              + " and only the same for all layers is supported");
    }
    return all.isEmpty() ? new Settings(theta, new None()) : all.get(0);
  }

  private static double base(ConfigReader reader, double fallback) {
    return reader.number("rope_theta", fallback, x -> x > 1, "a number > 1");
  }

  /** Keys that are read below, and one that names the origin of a model. */
  Set<String> KEYS =
      Set.of(
          "rope_type",
          "type",
          "rope_theta",
          "factor",
          "partial_rotary_factor",
          "original_max_position_embeddings",
          "low_freq_factor",
          "high_freq_factor",
          "attention_factor",
          "beta_fast",
          "beta_slow",
          "mscale",
          "mscale_all_dim",
          "truncate",
          "finetuned");

  private static Settings parse(ConfigReader rope, int maxPositions, double theta) {
    String type = rope.text("rope_type", rope.text("type", "default"));
    if (!rope.text("type", type).equals(type)) {
      throw rope.error("rope_type is '" + type + "' and type '" + rope.text("type", "") + "'");
    }
    rope.refuse("partial_rotary_factor", rope.positiveNumber("partial_rotary_factor", 1) != 1);
    int original = rope.positive("original_max_position_embeddings", maxPositions);
    RopeScaling scaling =
        switch (type) {
          case "default" -> {
            if (rope.json().hasNonNull("factor") && factor(rope) != 1) {
              throw rope.error(
                  "a factor stands without a type (rope_type); linear, dynamic, llama3 and yarn are"
                      + " supported");
            }
            yield new None();
          }
          case "linear" -> new Linear(factor(rope));
          case "dynamic" -> {
            rope.refuse("original_max_position_embeddings", original != maxPositions);
            yield new Dynamic(factor(rope), maxPositions);
          }
          case "llama3" -> {
            double low = rope.positiveNumber("low_freq_factor", Double.NaN);
            double high = rope.positiveNumber("high_freq_factor", Double.NaN);
            if (high <= low) {
              throw rope.error("high_freq_factor " + high + " is not above low_freq_factor " + low);
            }
            yield new Llama3(factor(rope), low, high, original);
          }
          case "yarn" -> yarn(rope, original);
          default ->
              throw rope.error(
                  "the type '"
                      + type
                      + "' is not supported; default, linear, dynamic, llama3 and yarn are");
        };
    for (Map.Entry<String, JsonNode> e : rope.json().properties()) {
      rope.refuse(e.getKey(), !KEYS.contains(e.getKey()) && !e.getValue().isNull());
    }
    return new Settings(base(rope, theta), scaling);
  }

  private static double factor(ConfigReader rope) {
    return rope.number("factor", Double.NaN, x -> x >= 1, "a number >= 1");
  }

  private static Yarn yarn(ConfigReader rope, int original) {
    double factor = factor(rope);
    double fast = rope.positiveNumber("beta_fast", 32);
    double slow = rope.positiveNumber("beta_slow", 1);
    if (fast < slow) {
      throw rope.error("beta_fast " + fast + " is below beta_slow " + slow);
    }
    return new Yarn(
        factor, amplitude(rope, factor), fast, slow, original, rope.flag("truncate", true));
  }

  /** {@code attention_factor}, or its default from the factor and DeepSeek's two scales. */
  private static double amplitude(ConfigReader rope, double factor) {
    double scale = rope.number("mscale", 0, x -> x >= 0, "a number >= 0");
    double all = rope.number("mscale_all_dim", 0, x -> x >= 0, "a number >= 0");
    double own =
        scale != 0 && all != 0 ? growth(factor, scale) / growth(factor, all) : growth(factor, 1);
    return rope.positiveNumber("attention_factor", own);
  }

  private static double growth(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }
}
