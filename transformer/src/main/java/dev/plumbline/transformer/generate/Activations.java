package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.transformer.model.LlamaConfig;

/**
 * Activations of one call of {@link FusedDecoder}. Rows are padded to whole vectors; the arrays
 * grow to the size of the largest call.
 */
final class Activations {
  private final LlamaConfig config;

  float[] x = new float[0]; // [n, hidden], the residual stream
  float[] h; // [n, hidden]
  float[] q; // [n, heads * headDim]
  float[] k; // [n, kvHeads * headDim]
  float[] v; // [n, kvHeads * headDim]
  float[] o; // [n, heads * headDim]
  float[] act; // [n, intermediate]
  float[] selected = new float[0]; // [wanted, hidden]
  float[] logits; // [wanted, vocab]

  Activations(LlamaConfig config) {
    this.config = config;
  }

  /** Floats of a row of q or o. */
  int qStride() {
    return Kernels.padded(config.heads() * config.headDim());
  }

  /** Floats of a row of k or v. */
  int kvStride() {
    return Kernels.padded(config.kvHeads() * config.headDim());
  }

  /** Makes room for n rows, and for the logits of {@code wanted} of them. */
  void reserve(int n, int wanted) {
    int d = Kernels.padded(config.hiddenSize());
    if (n * d > x.length || wanted * d > selected.length) {
      int rows = Math.max(n, x.length / d);
      int wantedRows = Math.max(wanted, selected.length / d);
      x = new float[rows * d];
      h = new float[Math.max(rows, wantedRows) * d];
      q = new float[rows * qStride()];
      k = new float[rows * kvStride()];
      v = new float[rows * kvStride()];
      o = new float[rows * qStride()];
      act = new float[rows * Kernels.padded(config.intermediateSize())];
      selected = new float[wantedRows * d];
      logits = new float[wantedRows * Kernels.padded(config.vocabSize())];
    }
  }
}
