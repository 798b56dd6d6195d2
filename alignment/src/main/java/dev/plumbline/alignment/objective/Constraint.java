package dev.plumbline.alignment.objective;

/**
 * How the gradient that lowers worse candidates is limited (AFT, section 4). Scaling it, as RRHF,
 * PRO and DPO do, does not limit it.
 */
public enum Constraint {
  /** No limit. */
  NONE,
  /** Worse candidates get no gradient (DC). */
  DETACHED,
  /**
   * Worse candidates are held at the boundary B, a margin below the lowest-scoring better candidate
   * (BC).
   */
  BOUNDARY
}
