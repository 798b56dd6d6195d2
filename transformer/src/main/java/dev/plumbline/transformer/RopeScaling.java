package dev.plumbline.transformer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/**
 * How a configuration stretches the rotary angles beyond the length that a model was trained on:
 * {@code rope_scaling} of Hugging Face's {@code config.json}. With {@code f_j = theta^(-2j / d)}
 * for the pair of components j of a head of width d, s the factor, and L the original length:
 *
 * <pre>
 *   linear   f_j / s                                              (Chen et al. 2023, arXiv 2306.15595)
 *   dynamic  theta times (s t / L - s + 1)^(d / (d - 2)) for a token of t = position + 1 above L
 *   llama3   f_j where its wavelength is below L / high, f_j / s where it is above L / low, between them a blend
 *   yarn     f_j where the pair turns often, f_j / s where it turns seldom, between them a ramp; cosines and sines times
 *            0.1 ln s + 1                                         (Peng et al. 2023, arXiv 2309.00071)
 * </pre>
 *
 * <p>The angles of a token depend on its own position only, under {@code dynamic}, too, so that a
 * prefix is the same whatever follows it: what Hugging Face computes when it generates token by
 * token. When it is given more than L tokens at once it takes the angles of the last one for all.
 */
public sealed interface RopeScaling {
  /** Frequencies [d / 2] of a token, in radians a position. */
  double[] frequencies(double theta, int headDim, int position);

  /** What cosines and sines are multiplied by. */
  default double amplitude() {
    return 1;
  }

  /** First position whose frequencies are other ones than those before it. */
  default int constantBelow() {
    return Integer.MAX_VALUE;
  }

  /** {@code theta^(-2j / d)}. */
  static double[] plain(double theta, int headDim) {
    double[] f = new double[headDim / 2];
    Arrays.setAll(f, j -> Math.pow(theta, -2.0 * j / headDim));
    return f;
  }

  /** No stretching. */
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
        double turns = original * f[j] / (2 * Math.PI); // within the original length
        double kept = Math.max(0, Math.min(1, (turns - low) / (high - low)));
        f[j] = kept * f[j] + (1 - kept) * f[j] / factor;
      }
      return f;
    }
  }

  /**
   * YaRN.
   *
   * @param fast a pair that turns more often than this within the original length is kept
   * @param slow one that turns less often is divided by the factor
   * @param truncate whether the ends of the ramp are whole pairs
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

    /** The pair that turns this often within the original length. */
    private double pair(double turns, double theta, int headDim) {
      return headDim * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
  }

  /**
   * Reads {@code rope_scaling} or {@code rope_parameters}; what is not known is refused by name.
   */
  static RopeScaling parse(JsonNode json, int maxPositions, String origin) {
    String type = json.path("rope_type").asText(json.path("type").asText("default"));
    int original = json.path("original_max_position_embeddings").asInt(maxPositions);
    double factor = type.equals("default") ? 1 : number(json, "factor", Double.NaN, origin);
    if (original <= 0) {
      throw error(origin, "original_max_position_embeddings is " + original);
    }
    return switch (type) {
      case "default" -> new None();
      case "linear" -> new Linear(factor);
      case "dynamic" -> new Dynamic(factor, maxPositions);
      case "llama3" -> {
        double low = number(json, "low_freq_factor", Double.NaN, origin);
        double high = number(json, "high_freq_factor", Double.NaN, origin);
        if (high <= low) {
          throw error(origin, "high_freq_factor " + high + " is not above low_freq_factor " + low);
        }
        yield new Llama3(factor, low, high, original);
      }
      case "yarn" ->
          new Yarn(
              factor,
              amplitude(json, factor, origin),
              number(json, "beta_fast", 32, origin),
              number(json, "beta_slow", 1, origin),
              original,
              json.path("truncate").asBoolean(true));
      default ->
          throw error(
              origin,
              "the type '" + type + "' is not supported; linear, dynamic, llama3 and yarn are");
    };
  }

  /** {@code attention_factor}, or what follows from the factor and DeepSeek's two scales. */
  private static double amplitude(JsonNode json, double factor, String origin) {
    if (json.hasNonNull("attention_factor")) {
      return number(json, "attention_factor", 1, origin);
    }
    double scale = json.path("mscale").asDouble(0);
    double all = json.path("mscale_all_dim").asDouble(0);
    return scale != 0 && all != 0 ? growth(factor, scale) / growth(factor, all) : growth(factor, 1);
  }

  private static double growth(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private static double number(JsonNode json, String key, double fallback, String origin) {
    JsonNode value = json.path(key);
    double number = value.isMissingNode() || value.isNull() ? fallback : value.asDouble(Double.NaN);
    if (!(number > 0) || Double.isInfinite(number)) {
      throw error(
          origin,
          value.isMissingNode()
              ? "the key " + key + " is missing"
              : key + " is " + value + ", and a number above 0 is needed");
    }
    return number;
  }

  private static ModelException error(String origin, String what) {
    return new ModelException(origin + ": in rope_scaling " + what + ".");
  }
}
