package dev.plumbline.transformer;

import dev.plumbline.tensor.ops.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Live weights in a graph, trained ones as variables and the others as constants, with an adapter
 * where there is one.
 *
 * @param weights by their names in a model
 * @param trained names of what is trained, in the order of the model, then of the adapter
 * @param linears in place of the linear layers where the adapter is not part of the weights, or
 *     null
 */
record GraphWeights(
    Map<String, SDVariable> weights, List<String> trained, DecoderLayer.Linears linears) {

  /**
   * Puts weights into a graph. Adapters become part of the weights, W' in the place of W, except
   * where dropout lets them see other inputs than W does, or where there is no room for W' beside
   * W.
   *
   * @param trainable of the weights
   * @param adapter or null
   * @param seed of the adapter's dropout, or null
   * @param here which weights, and adapters of which weights
   */
  static GraphWeights in(
      Ops ops,
      LlamaWeights live,
      Predicate<String> trainable,
      Lora adapter,
      SDVariable seed,
      Predicate<String> here) {
    Map<String, SDVariable> weights = new HashMap<>();
    List<String> trained = new ArrayList<>();
    live.arrays()
        .forEach(
            (name, array) -> {
              if (!here.test(name)) {
                return;
              }
              boolean train = trainable.test(name);
              weights.put(
                  name, train ? ops.graph().var(name, array) : ops.graph().constant(name, array));
              if (train) {
                trained.add(name);
              }
            });
    if (adapter == null) {
      return new GraphWeights(weights, trained, null);
    }
    Map<String, Lora.Layer> layers = adapter.layers(ops.graph(), here);
    layers.values().forEach(layer -> trained.addAll(List.of(layer.a().name(), layer.b().name())));
    if (seed == null && !live.inPlace()) {
      layers.forEach((name, layer) -> weights.compute(name, (n, w) -> layer.adapted(w)));
      return new GraphWeights(weights, trained, null);
    }
    double dropout = adapter.settings().dropout();
    return new GraphWeights(
        weights,
        trained,
        (x, name) -> {
          SDVariable y = ops.linear(x, weights.get(name))[0];
          Lora.Layer layer = layers.get(name);
          if (layer == null) {
            return y;
          }
          SDVariable seen = seed == null ? x : ops.dropout(x, seed, dropout, layer.place());
          return ops.lowRank(y, seen, layer.a(), layer.b(), layer.scale());
        });
  }
}
