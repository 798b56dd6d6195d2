package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.Engine;
import dev.plumbline.tensor.graph.Segment;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The operations of a decoder on one SameDiff graph, fused or composed. The class of each operation
 * documents its shapes and formula.
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
        new Embedding.Fused(),
        new Embedding.Gather(),
        new Embedding.Backward(),
        new RmsNorm.Fused(),
        new RmsNorm.Backward(),
        new Linear.Fused(),
        new Linear.Backward(),
        new NormLinear.Fused(),
        new NormLinear.Backward(),
        new SwiGluBlock.Fused(),
        new SwiGluBlock.Backward(),
        new TreeAttention.Fused(),
        new TreeAttention.Backward(),
        new FusedLinearLogProb.Fused(),
        new FusedLinearLogProb.Backward(),
        new Dropout.Fused(),
        new ReferenceKl.Fused(),
        new ReferenceKl.Backward(),
        new LoraLinear.Fused(),
        new LoraLinear.Backward(),
        new SwiGlu.Fused(),
        new SwiGlu.Backward(),
        new Segment.Forward(),
        new Segment.Backward());
  }

  /** The graph. */
  public SameDiff graph() {
    return sd;
  }

  /** Which implementation. */
  public OpMode mode() {
    return mode;
  }

  /** See {@link Embedding}. */
  public SDVariable rows(SDVariable table, SDVariable ids) {
    return fused()
        ? new Embedding.Fused(sd, table, ids).outputVariable()
        : Embedding.compose(sd, table, ids);
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

  /** Linear layers after a norm, see {@link NormLinear}. */
  public SDVariable[] normLinear(
      SDVariable x, SDVariable gain, double epsilon, SDVariable... weights) {
    return fused()
        ? new NormLinear.Fused(sd, x, gain, epsilon, weights).outputVariables()
        : NormLinear.compose(sd, x, gain, epsilon, weights);
  }

  /** Norm, SwiGLU and residual, see {@link SwiGluBlock}. */
  public SDVariable swiGluBlock(
      SDVariable x,
      SDVariable gain,
      double epsilon,
      SDVariable gateWeight,
      SDVariable upWeight,
      SDVariable downWeight) {
    return fused()
        ? new SwiGluBlock.Fused(sd, epsilon, x, gain, gateWeight, upWeight, downWeight)
            .outputVariables()[0]
        : SwiGluBlock.compose(sd, x, gain, epsilon, gateWeight, upWeight, downWeight);
  }

  /** See {@link SwiGlu}. */
  public SDVariable swiGlu(SDVariable gate, SDVariable up) {
    return fused() ? new SwiGlu.Fused(sd, gate, up).outputVariable() : SwiGlu.compose(sd, gate, up);
  }

  /** {@code y + scale (x A^T) B^T}, see {@link LoraLinear}. */
  public SDVariable lowRank(SDVariable y, SDVariable x, SDVariable a, SDVariable b, double scale) {
    return fused()
        ? new LoraLinear.Fused(sd, y, x, a, b, scale).outputVariable()
        : LoraLinear.compose(sd, y, x, a, b, scale);
  }

  /**
   * See {@link TreeAttention}; {@code structure} is the segment table (fused) or the mask
   * (composed), which includes the window.
   */
  public SDVariable attention(
      SDVariable q,
      SDVariable k,
      SDVariable v,
      SDVariable cos,
      SDVariable sin,
      SDVariable structure,
      int heads,
      int kvHeads,
      int headDim,
      int window) {
    return fused()
        ? new TreeAttention.Fused(
                sd,
                new SDVariable[] {q, k, v, cos, sin, structure},
                heads,
                kvHeads,
                headDim,
                window)
            .outputVariables()[0]
        : TreeAttention.compose(sd, q, k, v, cos, sin, structure, heads, kvHeads, headDim);
  }

  /** See {@link CachedAttention}, which has stock operations only. */
  public CachedAttention cachedAttention(
      SDVariable cos, SDVariable sin, SDVariable mask, int heads, int kvHeads, int headDim) {
    return new CachedAttention(sd, cos, sin, mask, heads, kvHeads, headDim);
  }

  /** See {@link FusedLinearLogProb}. */
  public SDVariable targetLogProb(
      SDVariable hidden, SDVariable head, SDVariable rows, SDVariable targets) {
    return fused()
        ? new FusedLinearLogProb.Fused(sd, hidden, head, rows, targets).outputVariables()[0]
        : FusedLinearLogProb.compose(sd, hidden, head, rows, targets);
  }

  /** See {@link Dropout}; {@code place} distinguishes the masks of one graph. */
  public SDVariable dropout(SDVariable x, SDVariable seed, double probability, int place) {
    if (!fused()) {
      throw new UnsupportedOperationException(
          "Dropout needs the fused operations; run with ops=fused, or without dropout.");
    }
    return new Dropout.Fused(sd, x, seed, probability, place).outputVariable();
  }

  /** See {@link ReferenceKl}. */
  public SDVariable referenceKl(
      SDVariable hidden,
      SDVariable head,
      SDVariable referenceHidden,
      SDVariable referenceHead,
      SDVariable rows) {
    return fused()
        ? new ReferenceKl.Fused(sd, hidden, head, referenceHidden, referenceHead, rows)
            .outputVariables()[0]
        : ReferenceKl.compose(sd, hidden, head, referenceHidden, referenceHead, rows);
  }

  private boolean fused() {
    return mode == OpMode.FUSED;
  }
}
