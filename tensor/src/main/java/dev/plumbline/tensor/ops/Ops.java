package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.engine.Engine;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The operations of a decoder on one SameDiff graph, in one of their two bodies. Shapes and
 * formulas stand in the class of each operation.
 */
public final class Ops {
  private final SameDiff sd;
  private final OpMode mode;

  /** Operations on {@code sd}; prepares the engine on first use. */
  public Ops(SameDiff sd, OpMode mode) {
    this.sd = sd;
    this.mode = mode;
  }

  /**
   * Registers the fused operations with SameDiff. Call before the first graph is made; safe to call
   * again.
   */
  public static void install() {
    Engine.install(
        new Rows.Fused(),
        new Rows.Gather(),
        new Rows.Backward(),
        new RmsNorm.Fused(),
        new RmsNorm.Backward(),
        new Linear.Fused(),
        new Linear.Backward(),
        new SwiGlu.Fused(),
        new SwiGlu.Backward(),
        new Rotary.Fused(),
        new TreeAttention.Fused(),
        new TreeAttention.Backward(),
        new TargetLogProb.Fused(),
        new TargetLogProb.Backward());
  }

  /** The graph. */
  public SameDiff graph() {
    return sd;
  }

  /** Which bodies. */
  public OpMode mode() {
    return mode;
  }

  /** See {@link Rows}. */
  public SDVariable rows(SDVariable table, SDVariable ids) {
    return fused() ? new Rows.Fused(sd, table, ids).outputVariable() : Rows.compose(sd, table, ids);
  }

  /** See {@link RmsNorm}. */
  public SDVariable rmsNorm(SDVariable x, SDVariable gain, double epsilon) {
    return fused()
        ? new RmsNorm.Fused(sd, x, gain, epsilon).outputVariable()
        : RmsNorm.compose(sd, x, gain, epsilon);
  }

  /** Linear layers of one input, see {@link Linear}. */
  public SDVariable[] linear(SDVariable x, SDVariable... weights) {
    return fused()
        ? new Linear.Fused(sd, x, null, weights).outputVariables()
        : Linear.compose(sd, x, null, weights);
  }

  /** {@code residual + x W^T}, see {@link Linear}. */
  public SDVariable linearPlus(SDVariable x, SDVariable residual, SDVariable weight) {
    return fused()
        ? new Linear.Fused(sd, x, residual, weight).outputVariables()[0]
        : Linear.compose(sd, x, residual, weight)[0];
  }

  /** See {@link SwiGlu}. */
  public SDVariable swiGlu(SDVariable gate, SDVariable up) {
    return fused()
        ? new SwiGlu.Fused(sd, gate, up).outputVariables()[0]
        : SwiGlu.compose(sd, gate, up);
  }

  /** See {@link Rotary}. */
  public SDVariable rotary(SDVariable x, SDVariable cos, SDVariable sin, int heads, int headDim) {
    return fused()
        ? new Rotary.Fused(sd, x, cos, sin, headDim, 1).outputVariable()
        : Rotary.compose(sd, x, cos, sin, heads, headDim);
  }

  /**
   * See {@link TreeAttention}; {@code structure} is the segment table (fused) or the mask
   * (composed).
   */
  public SDVariable attention(
      SDVariable q,
      SDVariable k,
      SDVariable v,
      SDVariable structure,
      int heads,
      int kvHeads,
      int headDim) {
    return fused()
        ? new TreeAttention.Fused(sd, q, k, v, structure, heads, kvHeads, headDim)
            .outputVariables()[0]
        : TreeAttention.compose(sd, q, k, v, structure, heads, kvHeads, headDim);
  }

  /** See {@link TargetLogProb}. */
  public SDVariable targetLogProb(
      SDVariable hidden, SDVariable head, SDVariable rows, SDVariable targets) {
    return fused()
        ? new TargetLogProb.Fused(sd, hidden, head, rows, targets).outputVariables()[0]
        : TargetLogProb.compose(sd, hidden, head, rows, targets);
  }

  private boolean fused() {
    return mode == OpMode.FUSED;
  }
}
