package dev.plumbline.transformer.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The adapter of one linear layer in a graph; see {@link Lora} for the formulas.
 *
 * @param a A [r, in]
 * @param b B [out, r]
 * @param scale s
 * @param place number of the layer; each has its own dropout masks
 * @param lengths DoRA's m and norms [out], or null
 */
public record LoraLayer(SDVariable a, SDVariable b, double scale, int place, Lengths lengths) {
  /** DoRA's m, and the norms of the rows of W + s B A, which are not part of the gradient. */
  record Lengths(SDVariable magnitude, SDVariable norm) {
    SDVariable factor(long... shape) {
      return magnitude.div(norm).reshape(shape);
    }
  }

  /**
   * Puts an adapter into a graph: its matrices for the weights that {@code here} accepts.
   *
   * @param put adds a trained array under its name
   * @param constant adds an array that is not trained
   * @return the layers by the names of their weights
   */
  public static Map<String, LoraLayer> in(
      Lora lora,
      BiFunction<String, INDArray, SDVariable> put,
      BiFunction<String, INDArray, SDVariable> constant,
      Predicate<String> here) {
    Map<String, LoraLayer> layers = new LinkedHashMap<>();
    int place = 0;
    for (String weight : lora.weights()) {
      if (here.test(weight)) {
        SDVariable a = put.apply(Lora.nameOfA(weight), lora.a(weight));
        SDVariable b = put.apply(Lora.nameOfB(weight), lora.b(weight));
        INDArray magnitude = lora.magnitude(weight);
        Lengths lengths =
            magnitude == null
                ? null
                : new Lengths(
                    put.apply(Lora.nameOfMagnitude(weight), magnitude),
                    constant.apply(Lora.layer(weight) + ".lora_norm", lora.norms().of(weight)));
        layers.put(weight, new LoraLayer(a, b, lora.settings().scale(), place, lengths));
      }
      place++;
    }
    return layers;
  }

  /** W' [out, in]. */
  public SDVariable adapted(SDVariable weight) {
    SDVariable sum = weight.add(b.mmul(a).mul(scale)); // [out, in]
    return lengths == null ? sum : sum.mul(lengths.factor(-1, 1));
  }

  /** Turns the output [n, out] of W + s B A into that of W'. */
  public SDVariable rescaled(SDVariable y) {
    return lengths == null ? y : y.mul(lengths.factor(1, -1));
  }
}
