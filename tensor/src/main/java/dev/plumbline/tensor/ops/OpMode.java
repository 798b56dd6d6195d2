package dev.plumbline.tensor.ops;

/** Which body of the operations a graph is built from. */
public enum OpMode {
  /** Hand-written CPU kernels with hand-written gradients. */
  FUSED,
  /**
   * The defining formulas in stock SameDiff operations: the oracle of the tests, and what runs on
   * CUDA.
   */
  COMPOSED
}
