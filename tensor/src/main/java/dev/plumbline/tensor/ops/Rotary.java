package dev.plumbline.tensor.ops;

import org.nd4j.autodiff.samediff.SDIndex;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Rotary position embedding (Su et al. 2021, Eq. 34) in Hugging Face's half-split layout: in each
 * head, component j of the first half and component j of the second half form a pair, which is
 * rotated by an angle that depends on the token's position.
 *
 * <p>Shapes: x, y [n, heads * headDim]; cos, sin [n, headDim / 2], one row per token, so that
 * positions may restart anywhere in a packed batch.
 *
 * <p>There is no separate fused operation: {@link TreeAttention} rotates the rows that it loads,
 * with {@link dev.plumbline.tensor.kernel.RowKernels#rotate}.
 */
final class Rotary {
  private Rotary() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd, SDVariable x, SDVariable cos, SDVariable sin, int heads, int headDim) {
    int half = headDim / 2;
    SDVariable perHead = sd.reshape(x, -1, heads, headDim); // [n, heads, headDim]
    SDVariable first = perHead.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(0, half));
    SDVariable second = perHead.get(SDIndex.all(), SDIndex.all(), SDIndex.interval(half, headDim));
    SDVariable c = sd.reshape(cos, -1, 1, half);
    SDVariable s = sd.reshape(sin, -1, 1, half);
    SDVariable rotated =
        sd.concat(2, first.mul(c).sub(second.mul(s)), second.mul(c).add(first.mul(s)));
    return sd.reshape(rotated, -1, (long) heads * headDim);
  }
}
