package dev.plumbline.transformer;

import dev.plumbline.tensor.random.RandomStream;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Draws one token from logits: temperature, then top-k, then top-p (the order of Hugging Face's
 * warpers).
 */
final class TokenChooser {
  private final SamplingOptions options;
  private final double[] weights;
  private Integer[] order;

  TokenChooser(SamplingOptions options, int vocab) {
    this.options = options;
    this.weights = new double[vocab];
  }

  /** The drawn token. {@code logits} is left alone. */
  int choose(float[] logits, RandomStream stream) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    if (options.temperature() == 0) {
      return best;
    }
    double total = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - logits[best]) / options.temperature());
      total += weights[i];
    }
    if (options.topK() > 0 || options.topP() < 1) {
      total = filter();
    }
    double point = stream.nextDouble() * total;
    int last = best;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        point -= weights[i];
        last = i;
        if (point < 0) {
          break;
        }
      }
    }
    return last;
  }

  /** Zeroes the weights that top-k and top-p leave out; returns what remains. */
  private double filter() {
    if (order == null) {
      order = IntStream.range(0, weights.length).boxed().toArray(Integer[]::new);
    }
    Arrays.sort(
        order,
        (a, b) ->
            weights[a] != weights[b]
                ? Double.compare(weights[b], weights[a])
                : Integer.compare(a, b));
    int keep = options.topK() > 0 ? Math.min(options.topK(), weights.length) : weights.length;
    double kept = 0;
    for (int i = 0; i < keep; i++) {
      kept += weights[order[i]];
    }
    double wanted = options.topP() * kept; // top-p works on what top-k left
    double sum = 0;
    int count = 0;
    while (count < keep && (count == 0 || sum < wanted)) {
      sum += weights[order[count++]];
    }
    for (int i = count; i < order.length; i++) {
      weights[order[i]] = 0;
    }
    return sum;
  }
}
