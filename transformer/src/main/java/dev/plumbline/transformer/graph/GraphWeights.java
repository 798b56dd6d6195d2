package dev.plumbline.transformer.graph;

import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.checkpoint.LoraLayer;
import dev.plumbline.transformer.model.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Live weights in a graph, trained ones as variables and the others as constants, with an adapter
 * where there is one.
 *
 * @param weights by their names in a model
 * @param trained names of the trained arrays, in the order of the model, then of the adapter
 * @param linears replaces the linear layers where the adapter is not part of the weights, or null
 */
record GraphWeights(
    Map<String, SDVariable> weights, List<String> trained, DecoderLayer.Linears linears) {

  /**
   * The model that is added to a graph.
   *
   * @param live the weights
   * @param trainable which of them are trained
   * @param adapter in training, or null; an adapter that the weights already have is frozen
   * @param prefix of the names in the graph
   */
  record Model(LlamaWeights live, Predicate<String> trainable, Lora adapter, String prefix) {
    Model {
      if (adapter != null && live.adapter() != null) {
        throw new ModelException(
            "The model already has an adapter beside its weights; merge it before training another one.");
      }
    }

    /** The adapter, or null. */
    Lora any() {
      return adapter == null ? live.adapter() : adapter;
    }
  }

  /**
   * Adds weights to a graph. W' replaces W where there is an adapter, except with dropout, where
   * the adapter gets other inputs than W, and where there is no memory for W' beside W.
   *
   * @param seed of the adapter's dropout, or null
   * @param here selects weights, and adapters by their weights
   */
  static GraphWeights in(Ops ops, Model model, SDVariable seed, Predicate<String> here) {
    Map<String, SDVariable> weights = new HashMap<>();
    List<String> trained = new ArrayList<>();
    LlamaWeights live = model.live();
    live.arrays()
        .forEach(
            (name, array) -> {
              if (here.test(name)) {
                boolean train = model.trainable().test(name);
                weights.put(name, put(ops, model.prefix() + name, array, train, trained));
              }
            });
    Lora adapter = model.any();
    if (adapter == null) {
      return new GraphWeights(weights, trained, null);
    }
    boolean train = model.adapter() != null;
    Map<String, LoraLayer> layers =
        LoraLayer.in(
            adapter,
            (name, array) -> put(ops, model.prefix() + name, array, train, trained),
            (name, array) -> ops.graph().constant(model.prefix() + name, array),
            here);
    if (seed == null && !live.inPlace()) {
      layers.forEach((name, layer) -> weights.compute(name, (n, w) -> layer.adapted(w)));
      return new GraphWeights(weights, trained, null);
    }
    double dropout = adapter.settings().dropout();
    return new GraphWeights(
        weights,
        trained,
        (x, names) -> {
          SDVariable[] plain =
              ops.linear(x, Arrays.stream(names).map(weights::get).toArray(SDVariable[]::new));
          SDVariable[] y = plain.clone(); // the array itself belongs to the operation
          for (int k = 0; k < names.length; k++) {
            LoraLayer layer = layers.get(names[k]);
            if (layer != null) {
              SDVariable seen = seed == null ? x : ops.dropout(x, seed, dropout, layer.place());
              y[k] = ops.lowRank(y[k], seen, layer.a(), layer.b(), layer.scale());
              y[k] = layer.rescaled(y[k]);
            }
          }
          return y;
        });
  }

  private static SDVariable put(
      Ops ops, String name, INDArray array, boolean train, List<String> trained) {
    if (!train) {
      return ops.graph().constant(name, array);
    }
    trained.add(name);
    return ops.graph().var(name, array);
  }
}
