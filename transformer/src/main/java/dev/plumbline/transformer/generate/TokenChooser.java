package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.model.ModelException;
import java.util.Arrays;

/**
 * Draws tokens from logits: temperature, then top-k, then top-p (the order of Hugging Face's
 * warpers). Use one chooser per thread.
 */
final class TokenChooser {
  private final SamplingOptions options;
  private final float[] weights;
  private final long[] heap; // smallest key first, which is the largest weight
  private int best; // the most probable token
  private boolean certain; // whether it is always drawn
  private double total; // of the weights
  private int ranks; // number of entries removed from the heap; they are stored at its end

  TokenChooser(SamplingOptions options, int vocab) {
    this.options = options;
    this.weights = new float[vocab];
    this.heap = options.topK() > 0 || options.topP() < 1 ? new long[vocab] : null;
  }

  /** Prepares drawing from the logits that start at {@code from}; does not modify them. */
  void prepare(float[] logits, int from, double temperature) {
    float max = Kernels.ROWS.max(logits, from, weights.length);
    if (!Float.isFinite(max)) {
      throw new ModelException(
          "The model's largest logit is "
              + max
              + ": its weights are damaged, or its training diverged.");
    }
    best = 0;
    while (best < weights.length - 1 && logits[from + best] != max) {
      best++;
    }
    certain = temperature == 0;
    if (certain) {
      return;
    }
    // exp((z - max) / temperature); the largest logit is subtracted first, because z / temperature
    // may overflow
    for (int i = 0; i < weights.length; i++) {
      weights[i] = logits[from + i] - max;
    }
    float inverse = (float) Math.min(1 / temperature, Float.MAX_VALUE);
    Kernels.ROWS.expSum(weights, 0, weights.length, inverse, 0f);
    total = heap == null ? sum() : filter();
  }

  /** Draws one token. */
  int draw(RandomStream stream) {
    if (certain) {
      return best;
    }
    double point = stream.nextDouble() * total;
    for (int i = 0; i < weights.length; i++) {
      point -= weights[i];
      if (point < 0) {
        return i;
      }
    }
    return best; // rounding
  }

  private double sum() {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    return sum;
  }

  /** Sets the weights that top-k and top-p exclude to zero; returns the sum of the others. */
  private double filter() {
    int n = weights.length;
    double all = 0;
    for (int i = 0; i < n; i++) {
      // Weights are not negative, so their bits have the same order; of equal weights the smaller
      // token comes first.
      heap[i] = (long) ~Float.floatToRawIntBits(weights[i]) << 32 | i;
      all += weights[i];
    }
    for (int i = n / 2 - 1; i >= 0; i--) {
      sink(i, n);
    }
    ranks = 0;
    int keep = options.topK() > 0 ? Math.min(options.topK(), n) : n;
    double kept = 0;
    for (int i = 0; i < keep && keep < n; i++) {
      kept += weights[ranked(i)];
    }
    double wanted =
        options.topP() * (keep < n ? kept : all); // top-p applies to the tokens that top-k kept
    double sum = 0;
    int count = 0;
    while (count < keep && (count == 0 || sum < wanted)) {
      sum += weights[ranked(count++)];
    }
    float[] chosen = new float[count];
    for (int i = 0; i < count; i++) {
      chosen[i] = weights[ranked(i)];
    }
    Arrays.fill(weights, 0f);
    for (int i = 0; i < count; i++) {
      weights[ranked(i)] = chosen[i];
    }
    return sum;
  }

  /**
   * The token of a rank, 0 for the most probable; removes as many entries from the heap as needed.
   */
  private int ranked(int rank) {
    while (ranks <= rank) {
      int last = weights.length - 1 - ranks++;
      swap(0, last); // the place of the removed entry is free, and stores it
      sink(0, last);
    }
    return (int) heap[weights.length - 1 - rank];
  }

  private void sink(int at, int size) {
    int parent = at;
    while (true) {
      int child = 2 * parent + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[parent] <= heap[child]) {
        return;
      }
      swap(parent, child);
      parent = child;
    }
  }

  private void swap(int a, int b) {
    long kept = heap[a];
    heap[a] = heap[b];
    heap[b] = kept;
  }
}
