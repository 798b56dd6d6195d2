package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Causal grouped-query attention (Vaswani et al. 2017, Eq. 1; Ainslie et al. 2023) with rotary
 * positions (Su et al. 2021, Eq. 34; see {@link Rotary}) over token trees. A token attends to
 * itself, to the earlier tokens of its segment and to all tokens of the segments above it; with a
 * window of w, only to the last w of these (Jiang et al. 2023, section 2). A plain sequence is a
 * tree of one segment.
 *
 * <p>{@code o_h = softmax(R(q_h) R(k_g)^T / sqrt(headDim)) v_g} with {@code g = h / (heads /
 * kvHeads)}. R rotates by the token's position.
 *
 * <p>Shapes: q, o [n, heads * headDim]; k, v [n, kvHeads * headDim]; cos, sin [n, headDim / 2];
 * segments [s, 4] int32 with start, length, parent segment (-1 for a root) and tree, parents before
 * children and trees contiguous; lse [n, heads], the logarithm of each row's softmax denominator.
 * The composed form needs trees padded to one length: mask [trees, length, length] holds 0 where a
 * token may attend and -1e9 elsewhere.
 */
public final class TreeAttention {
  private TreeAttention() {}

  /** The formula in stock operations. */
  static SDVariable compose(
      SameDiff sd,
      SDVariable q,
      SDVariable k,
      SDVariable v,
      SDVariable cos,
      SDVariable sin,
      SDVariable mask,
      int heads,
      int kvHeads,
      int headDim) {
    SDVariable shape = sd.shape(mask).castTo(DataType.INT64);
    SDVariable b = sd.stridedSlice(shape, new long[] {0}, new long[] {1}, 1); // [1]
    SDVariable t = sd.stridedSlice(shape, new long[] {1}, new long[] {2}, 1); // [1]
    int group = heads / kvHeads;
    SDVariable perTree = // [b, heads, t, headDim]
        split(sd, Rotary.compose(sd, q, cos, sin, heads, headDim), heads, headDim, b, t);
    SDVariable keys =
        split(sd, Rotary.compose(sd, k, cos, sin, kvHeads, headDim), kvHeads, headDim, b, t);
    SDVariable values = split(sd, v, kvHeads, headDim, b, t);
    SDVariable groupRows = t.mul(constant(sd, group));
    // Folding each group's queries into rows lets one product serve all heads that share a key.
    SDVariable queries =
        sd.reshape(
            perTree, sd.concat(0, b, constant(sd, kvHeads), groupRows, constant(sd, headDim)));
    SDVariable scores =
        new Mmul(sd, queries, keys, false, true, false)
            .outputVariable()
            .mul(1 / Math.sqrt(headDim));
    SDVariable perHead =
        sd.reshape(scores, sd.concat(0, b, constant(sd, heads), t, t)); // [b, heads, t, t]
    SDVariable probabilities = sd.nn().softmax(perHead.add(sd.expandDims(mask, 1)), 3);
    SDVariable grouped =
        sd.reshape(probabilities, sd.concat(0, b, constant(sd, kvHeads), groupRows, t));
    SDVariable mixed = new Mmul(sd, grouped, values, false, false, false).outputVariable();
    SDVariable out =
        sd.reshape(mixed, sd.concat(0, b, constant(sd, heads), t, constant(sd, headDim)));
    return sd.reshape(sd.permute(out, 0, 2, 1, 3), -1, (long) heads * headDim);
  }

  /** [n, heads * headDim] to [b, heads, t, headDim]. */
  private static SDVariable split(
      SameDiff sd, SDVariable x, int heads, int headDim, SDVariable b, SDVariable t) {
    SDVariable shape = sd.concat(0, b, t, constant(sd, heads), constant(sd, headDim));
    return sd.permute(sd.reshape(x, shape), 0, 2, 1, 3);
  }

  private static SDVariable constant(SameDiff sd, long value) {
    return sd.constant(Nd4j.createFromArray(value));
  }

  /**
   * The fused forward pass. Inputs q, k, v, cos, sin, segments; outputs o, lse. Integer arguments:
   * heads, kvHeads, headDim, window.
   */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable[] inputs, int... dims) {
      super(sd, inputs);
      addIArgument(dims);
    }

    @Override
    public int getNumOutputs() {
      return 2;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], {in[0][0], intArgument(0)}};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      TreeLayout.Dims dims =
          new TreeLayout.Dims(intArgument(0), intArgument(1), intArgument(2), intArgument(3));
      FusedTreeAttention.forward(dims, in, out);
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      SDVariable[] outputs = outputVariables();
      SDVariable[] inputs = Arrays.copyOf(args(), 9);
      inputs[6] = outputs[0];
      inputs[7] = outputs[1];
      inputs[8] = gradients.get(0);
      SDVariable[] result =
          new Backward(
                  sameDiff, inputs, intArgument(0), intArgument(1), intArgument(2), intArgument(3))
              .outputVariables();
      return List.of(
          result[0],
          result[1],
          result[2],
          noGradient(arg(3)),
          noGradient(arg(4)),
          noGradient(arg(5)));
    }
  }

  /**
   * The fused backward pass (Dao et al. 2022, Algorithm 4). Inputs q, k, v, cos, sin, segments, o,
   * lse, do; outputs dq, dk, dv. The integer arguments are those of {@link Fused}.
   */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable[] inputs, int... dims) {
      super(sd, inputs);
      addIArgument(dims);
    }

    @Override
    public int getNumOutputs() {
      return 3;
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0], in[1], in[2]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      TreeLayout.Dims dims =
          new TreeLayout.Dims(intArgument(0), intArgument(1), intArgument(2), intArgument(3));
      FusedTreeAttention.backward(dims, in, out);
    }
  }
}
