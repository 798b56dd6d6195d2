package dev.plumbline.tensor.ops;

/** Which implementation of the operations a graph uses. */
public enum OpMode {
  /** Hand-written CPU kernels with hand-written gradients. */
  FUSED,
  /**
   * The defining formulas in stock SameDiff operations: the reference in tests, and the
   * implementation that runs on CUDA.
   */
  COMPOSED
}
