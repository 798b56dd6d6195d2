package dev.plumbline.tensor.ops;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The attention of {@link TreeAttention} for generation: b sequences of t new tokens each attend to
 * the past tokens of a cache and to each other, as a mask allows. It has stock operations only,
 * because our own kernels read their cache without a graph.
 *
 * <p>{@code o_h = softmax([R(q_h) P_g^T, R(q_h) R(k_g)^T] / sqrt(headDim) + mask) [U_g; v_g]} with
 * past keys P, already rotated by their positions, past values U, and {@code g = h / (heads /
 * kvHeads)}. R rotates by the token's position ({@link Rotary}).
 *
 * <p>Shapes: q, o [b * t, heads * headDim]; k, v [b * t, kvHeads * headDim]; cos, sin [b * t,
 * headDim / 2]; past keys and values [b, kvHeads, past, headDim]; mask [b, t, past + t] with 0
 * where a token may attend and -1e9 elsewhere.
 */
public final class CachedAttention {
  private final SameDiff sd;
  private final SDVariable cos;
  private final SDVariable sin;
  private final SDVariable mask; // [b, 1, t, past + t]
  private final int heads;
  private final int kvHeads;
  private final int headDim;

  // Shapes that all layers share.
  private final SDVariable queryRows; // b, t, heads, headDim
  private final SDVariable keyRows; // b, t, kvHeads, headDim
  private final SDVariable grouped; // b, kvHeads, group * t, headDim
  private final SDVariable perHead; // b, heads, t, past + t
  private final SDVariable groupedScores; // b, kvHeads, group * t, past + t
  private final SDVariable output; // b, heads, t, headDim
  private final SDVariable pastStart; // 0, 0, 0, 0
  private final SDVariable newStart; // 0, 0, 0, past
  private final SDVariable pastSize; // b, kvHeads, group * t, past
  private final SDVariable newSize; // b, kvHeads, group * t, t

  /**
   * Output, and the new keys and values for the cache.
   *
   * @param o [b * t, heads * headDim]
   * @param keys rotated keys [b, kvHeads, t, headDim]
   * @param values values [b, kvHeads, t, headDim]
   */
  public record Result(SDVariable o, SDVariable keys, SDVariable values) {}

  CachedAttention(
      SameDiff sd,
      SDVariable cos,
      SDVariable sin,
      SDVariable mask,
      int heads,
      int kvHeads,
      int headDim) {
    this.sd = sd;
    this.cos = cos;
    this.sin = sin;
    this.mask = sd.expandDims(mask, 1);
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    SDVariable shape = sd.shape(mask).castTo(DataType.INT64);
    SDVariable b = sd.stridedSlice(shape, new long[] {0}, new long[] {1}, 1); // [1]
    SDVariable t = sd.stridedSlice(shape, new long[] {1}, new long[] {2}, 1); // [1]
    SDVariable seen = sd.stridedSlice(shape, new long[] {2}, new long[] {3}, 1); // [1]
    SDVariable past = seen.sub(t);
    SDVariable groupRows = t.mul(constant(heads / kvHeads));
    queryRows = sd.concat(0, b, t, constant(heads), constant(headDim));
    keyRows = sd.concat(0, b, t, constant(kvHeads), constant(headDim));
    grouped = sd.concat(0, b, constant(kvHeads), groupRows, constant(headDim));
    perHead = sd.concat(0, b, constant(heads), t, seen);
    groupedScores = sd.concat(0, b, constant(kvHeads), groupRows, seen);
    output = sd.concat(0, b, constant(heads), t, constant(headDim));
    pastStart = constant(0, 0, 0, 0);
    newStart = sd.concat(0, constant(0, 0, 0), past);
    pastSize = sd.concat(0, b, constant(kvHeads), groupRows, past);
    newSize = sd.concat(0, b, constant(kvHeads), groupRows, t);
  }

  /** One layer. */
  public Result layer(
      SDVariable q, SDVariable k, SDVariable v, SDVariable pastKeys, SDVariable pastValues) {
    SDVariable rotated = Rotary.compose(sd, q, cos, sin, heads, headDim);
    // Folding each group's queries into rows lets one product serve all heads that share a key.
    SDVariable queries = sd.reshape(split(rotated, queryRows), grouped);
    SDVariable keys = split(Rotary.compose(sd, k, cos, sin, kvHeads, headDim), keyRows);
    SDVariable values = split(v, keyRows);
    // Only scores are concatenated, so the past keys are never copied.
    SDVariable scores = // [b, kvHeads, group * t, past + t]
        sd.concat(3, product(queries, pastKeys, true), product(queries, keys, true))
            .mul(1 / Math.sqrt(headDim));
    SDVariable probabilities = // [b, heads, t, past + t]
        sd.nn().softmax(sd.reshape(scores, perHead).add(mask), 3);
    SDVariable p = sd.reshape(probabilities, groupedScores);
    SDVariable mixed = // [b, kvHeads, group * t, headDim]
        product(sd.slice(p, pastStart, pastSize), pastValues, false)
            .add(product(sd.slice(p, newStart, newSize), values, false));
    SDVariable o = sd.permute(sd.reshape(mixed, output), 0, 2, 1, 3); // [b, t, heads, headDim]
    return new Result(sd.reshape(o, -1, (long) heads * headDim), keys, values);
  }

  /** {@code a b} or {@code a b^T} for each sequence and head. */
  private SDVariable product(SDVariable a, SDVariable b, boolean transposed) {
    return new Mmul(sd, a, b, false, transposed, false).outputVariable();
  }

  /** [b * t, heads * headDim] to [b, heads, t, headDim]. */
  private SDVariable split(SDVariable x, SDVariable shape) {
    return sd.permute(sd.reshape(x, shape), 0, 2, 1, 3);
  }

  private SDVariable constant(long... values) {
    return sd.constant(Nd4j.createFromArray(values));
  }
}
