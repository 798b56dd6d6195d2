package dev.plumbline.transformer.checkpoint;

import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelFamily;
import java.util.ArrayList;
import java.util.List;

/**
 * A linear layer that may have an adapter, and where a file has its weight.
 *
 * <p>A family may pack several weights into one tensor, as InternLM2 does with q, k and v. The file
 * then has one adapter of that tensor. Its A holds the rows of the adapters of all its weights, one
 * below the other; its B holds their columns, with 0 where a row of the tensor belongs to another
 * weight; {@code rank_pattern} has its rank. When it is read, each weight gets all rows of A and
 * its own rows of B, which is the same function.
 *
 * @param name name of the layer in a model, without {@code .weight}
 * @param file name in the file, without {@code .weight}
 * @param place its rows in the tensor of the file
 * @param out rows of the weight
 * @param in columns of the weight
 */
record AdapterLayer(String name, String file, ModelFamily.Place place, long out, long in) {
  /** Last part of its name in a model, such as {@code q_proj}. */
  String target() {
    return last(name);
  }

  /** Last part of its name in the file. */
  String fileTarget() {
    return last(file);
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** All linear layers of a model. */
  static List<AdapterLayer> all(LlamaConfig config) {
    List<AdapterLayer> layers = new ArrayList<>();
    config
        .weightShapes()
        .forEach(
            (name, shape) -> {
              if (shape.length == 2 && !name.equals("model.embed_tokens.weight")) {
                ModelFamily.Place place = config.family().place(name, config);
                layers.add(
                    new AdapterLayer(cut(name), cut(place.tensor()), place, shape[0], shape[1]));
              }
            });
    return layers;
  }

  /** The name of a weight without {@code .weight}. */
  static String cut(String weight) {
    return weight.substring(0, weight.length() - AdapterFiles.WEIGHT.length());
  }
}
