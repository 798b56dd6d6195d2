package dev.plumbline.transformer.graph;

import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.model.LlamaConfig;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The layers of a decoder in a graph (Touvron et al. 2023, section 2.2), each
 *
 * <pre>
 *   h = rmsNorm(x, g1)
 *   a = x + attention(h Wq^T, h Wk^T, h Wv^T) Wo^T
 *   y = a + (silu(m Wg^T) * (m Wu^T)) Wd^T,   m = rmsNorm(a, g2)
 * </pre>
 *
 * <p>Shapes: x, y [n, hidden].
 *
 * @param weights by their names in a model
 * @param attention of q, k and v
 * @param linears replaces the linear layers, or null
 */
public record DecoderLayer(
    Ops ops,
    LlamaConfig config,
    Map<String, SDVariable> weights,
    Attention attention,
    Linears linears) {

  /** Attention of one layer: q [n, heads * headDim], k and v [n, kvHeads * headDim], o like q. */
  public interface Attention {
    SDVariable of(int layer, SDVariable q, SDVariable k, SDVariable v);
  }

  /** Linear layers of one input with adapters beside their weights. */
  interface Linears {
    SDVariable[] of(SDVariable x, String... weights);
  }

  /** y of a layer. */
  public SDVariable of(int layer, SDVariable x) {
    String p = prefix(layer);
    double epsilon = config.normEpsilon();
    if (linears != null) {
      return adapted(layer, x);
    }
    SDVariable[] qkv = // [n, heads * headDim], twice [n, kvHeads * headDim]
        ops.normLinear(
            x,
            weights.get(p + "input_layernorm.weight"),
            epsilon,
            weights.get(p + "self_attn.q_proj.weight"),
            weights.get(p + "self_attn.k_proj.weight"),
            weights.get(p + "self_attn.v_proj.weight"));
    SDVariable o = attention(layer, qkv);
    SDVariable a = ops.linearPlus(o, x, weights.get(p + "self_attn.o_proj.weight"));
    return ops.swiGluBlock(
        a,
        weights.get(p + "post_attention_layernorm.weight"),
        epsilon,
        weights.get(p + "mlp.gate_proj.weight"),
        weights.get(p + "mlp.up_proj.weight"),
        weights.get(p + "mlp.down_proj.weight"));
  }

  /** The same with {@link Linears}. */
  private SDVariable adapted(int layer, SDVariable x) {
    String p = prefix(layer);
    double epsilon = config.normEpsilon();
    SDVariable h = ops.rmsNorm(x, weights.get(p + "input_layernorm.weight"), epsilon);
    SDVariable[] qkv =
        linears.of(
            h,
            p + "self_attn.q_proj.weight",
            p + "self_attn.k_proj.weight",
            p + "self_attn.v_proj.weight");
    SDVariable o = attention(layer, qkv);
    SDVariable a = x.add(linears.of(o, p + "self_attn.o_proj.weight")[0]);
    SDVariable m = ops.rmsNorm(a, weights.get(p + "post_attention_layernorm.weight"), epsilon);
    SDVariable[] gateUp = linears.of(m, p + "mlp.gate_proj.weight", p + "mlp.up_proj.weight");
    SDVariable act = ops.swiGlu(gateUp[0], gateUp[1]);
    return a.add(linears.of(act, p + "mlp.down_proj.weight")[0]);
  }

  private SDVariable attention(int layer, SDVariable[] qkv) {
    String p = prefix(layer) + "self_attn.";
    return attention.of(
        layer,
        biased(qkv[0], p + "q_proj"),
        biased(qkv[1], p + "k_proj"),
        biased(qkv[2], p + "v_proj"));
  }

  /** Prefix of the names of a layer's weights. */
  static String prefix(int layer) {
    return "model.layers." + layer + ".";
  }

  /** The output of a linear layer [n, width] and its bias [width], if it has one. */
  private SDVariable biased(SDVariable y, String layer) {
    SDVariable bias = weights.get(layer + ".bias");
    return bias == null ? y : y.add(bias);
  }
}
