package dev.plumbline.alignment.objective;

/**
 * What bounds the push on a worse candidate (AFT paper, section 4): scaling the push, as RRHF, PRO
 * and DPO do, is no bound.
 */
public enum Constraint {
  /** Nothing. */
  NONE,
  /** It gets no gradient at all. */
  DETACHED,
  /** It is held at the boundary B, a margin below the worst of the better candidates. */
  BOUNDARY
}
