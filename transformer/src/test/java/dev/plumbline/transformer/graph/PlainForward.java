package dev.plumbline.transformer.graph;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A decoder in plain loops and double precision, straight from a family's description and on the
 * tensors as its files name them: shares no code with what it tests.
 */
final class PlainForward {
  private final JsonNode config;
  private final Map<String, double[]> tensors;
  private final boolean intern;
  private final int hidden;
  private final int heads;
  private final int kvHeads;
  private final int headDim;

  PlainForward(JsonNode config, Map<String, double[]> tensors) {
    this.config = config;
    this.tensors = tensors;
    intern = config.path("model_type").asText().equals("internlm2");
    hidden = config.path("hidden_size").asInt();
    heads = config.path("num_attention_heads").asInt();
    kvHeads = config.path("num_key_value_heads").asInt();
    headDim = config.path("head_dim").asInt(hidden / heads);
  }

  /** Logits after each token: [tokens, vocabulary]. */
  double[][] logits(int... ids) {
    int n = ids.length;
    double[] table =
        tensors.get(intern ? "model.tok_embeddings.weight" : "model.embed_tokens.weight");
    double[][] x = new double[n][hidden];
    for (int t = 0; t < n; t++) {
      System.arraycopy(table, ids[t] * hidden, x[t], 0, hidden);
    }
    for (int l = 0; l < config.path("num_hidden_layers").asInt(); l++) {
      String p = "model.layers." + l + ".";
      String own = p + (intern ? "attention." : "self_attn.");
      double[][] h = norm(x, p + (intern ? "attention_norm" : "input_layernorm"));
      double[][] q;
      double[][] k;
      double[][] v;
      if (intern) {
        int group = heads / kvHeads;
        double[][] all = linear(h, own + "wqkv"); // [n, kvHeads, group + 2, headDim]
        q = new double[n][heads * headDim];
        k = new double[n][kvHeads * headDim];
        v = new double[n][kvHeads * headDim];
        for (int t = 0; t < n; t++) {
          for (int g = 0; g < kvHeads; g++) {
            for (int j = 0; j < headDim; j++) {
              int at = g * (group + 2) * headDim + j;
              for (int i = 0; i < group; i++) {
                q[t][(g * group + i) * headDim + j] = all[t][at + i * headDim];
              }
              k[t][g * headDim + j] = all[t][at + group * headDim];
              v[t][g * headDim + j] = all[t][at + (group + 1) * headDim];
            }
          }
        }
      } else {
        q = linear(h, own + "q_proj");
        k = linear(h, own + "k_proj");
        v = linear(h, own + "v_proj");
      }
      double[][] o = linear(attention(q, k, v), own + (intern ? "wo" : "o_proj"));
      add(x, o);
      double[][] g = norm(x, p + (intern ? "ffn_norm" : "post_attention_layernorm"));
      String mlp = p + (intern ? "feed_forward." : "mlp.");
      double[][] gate = linear(g, mlp + (intern ? "w1" : "gate_proj"));
      double[][] up = linear(g, mlp + (intern ? "w3" : "up_proj"));
      for (int t = 0; t < n; t++) {
        for (int j = 0; j < gate[t].length; j++) {
          gate[t][j] = gate[t][j] / (1 + Math.exp(-gate[t][j])) * up[t][j];
        }
      }
      add(x, linear(gate, mlp + (intern ? "w2" : "down_proj")));
    }
    String head =
        config.path("tie_word_embeddings").asBoolean()
            ? intern ? "model.tok_embeddings" : "model.embed_tokens"
            : intern ? "output" : "lm_head";
    return linear(norm(x, "model.norm"), head);
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int j = 0; j < x[t].length; j++) {
        x[t][j] += y[t][j];
      }
    }
  }

  private double[][] norm(double[][] x, String name) {
    double[] gain = tensors.get(name + ".weight");
    double[][] y = new double[x.length][hidden];
    for (int t = 0; t < x.length; t++) {
      double sum = 0;
      for (double a : x[t]) {
        sum += a * a;
      }
      double r = 1 / Math.sqrt(sum / hidden + config.path("rms_norm_eps").asDouble());
      for (int j = 0; j < hidden; j++) {
        y[t][j] = x[t][j] * r * gain[j];
      }
    }
    return y;
  }

  private double[][] linear(double[][] x, String name) {
    double[] w = tensors.get(name + ".weight");
    double[] bias = tensors.get(name + ".bias");
    int in = x[0].length;
    int out = w.length / in;
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        double sum = bias == null ? 0 : bias[o];
        for (int j = 0; j < in; j++) {
          sum += x[t][j] * w[o * in + j];
        }
        y[t][o] = sum;
      }
    }
    return y;
  }

  private double[][] attention(double[][] q, double[][] k, double[][] v) {
    int n = q.length;
    JsonNode sliding = config.path("sliding_window");
    int window = sliding.isInt() && !config.has("use_sliding_window") ? sliding.asInt() : n;
    double[][] o = new double[n][heads * headDim];
    for (int t = 0; t < n; t++) {
      turn(q[t], heads, t);
      turn(k[t], kvHeads, t);
    }
    for (int h = 0; h < heads; h++) {
      int own = h * headDim;
      int shared = h / (heads / kvHeads) * headDim;
      for (int t = 0; t < n; t++) {
        double[] p = new double[n];
        double sum = 0;
        for (int s = Math.max(0, t - window + 1); s <= t; s++) {
          double dot = 0;
          for (int j = 0; j < headDim; j++) {
            dot += q[t][own + j] * k[s][shared + j];
          }
          p[s] = Math.exp(dot / Math.sqrt(headDim));
          sum += p[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int j = 0; j < headDim; j++) {
            o[t][own + j] += p[s] / sum * v[s][shared + j];
          }
        }
      }
    }
    return o;
  }

  /** rotate_half: components j and j + headDim / 2 are a pair. */
  private void turn(double[] row, int heads, int position) {
    int half = headDim / 2;
    double scale =
        config.path("rope_scaling").path("type").asText().equals("yarn") ? yarnScale() : 1;
    for (int h = 0; h < heads; h++) {
      for (int j = 0; j < half; j++) {
        double angle = position * frequency(j, position);
        double a = row[h * headDim + j];
        double b = row[h * headDim + half + j];
        row[h * headDim + j] = scale * (a * Math.cos(angle) - b * Math.sin(angle));
        row[h * headDim + half + j] = scale * (b * Math.cos(angle) + a * Math.sin(angle));
      }
    }
  }

  private double yarnScale() {
    return 0.1 * Math.log(config.path("rope_scaling").path("factor").asDouble()) + 1;
  }

  private double frequency(int j, int position) {
    JsonNode scaling = config.path("rope_scaling");
    double base = config.path("rope_theta").asDouble(10_000);
    double s = scaling.path("factor").asDouble(1);
    double f = 1 / Math.pow(base, 2.0 * j / headDim);
    switch (scaling.path("rope_type").asText(scaling.path("type").asText(""))) {
      case "linear":
        return f / s;
      case "dynamic":
        double trained = config.path("max_position_embeddings").asDouble();
        double length = Math.max(trained, position + 1);
        double grown = base * Math.pow(s * length / trained - (s - 1), headDim / (headDim - 2.0));
        return 1 / Math.pow(grown, 2.0 * j / headDim);
      case "llama3":
        double old = scaling.path("original_max_position_embeddings").asDouble();
        double low = scaling.path("low_freq_factor").asDouble();
        double high = scaling.path("high_freq_factor").asDouble();
        double wavelength = 2 * Math.PI / f;
        if (wavelength < old / high) {
          return f;
        }
        if (wavelength > old / low) {
          return f / s;
        }
        double smooth = (old / wavelength - low) / (high - low);
        return (1 - smooth) * f / s + smooth * f;
      case "yarn":
        double context = scaling.path("original_max_position_embeddings").asDouble();
        double from = Math.max(0, Math.floor(dimension(32, base, context)));
        double to = Math.min(headDim - 1, Math.ceil(dimension(1, base, context)));
        double ramp = Math.min(1, Math.max(0, (j - from) / (from == to ? 0.001 : to - from)));
        return f / s * ramp + f * (1 - ramp);
      default:
        return f;
    }
  }

  private double dimension(double turns, double base, double context) {
    return headDim * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
  }
}
