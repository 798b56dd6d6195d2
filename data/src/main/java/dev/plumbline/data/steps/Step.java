package dev.plumbline.data.steps;

/**
 * A step of a solution (SCDPO, section 3): a piece of reasoning or a block of code. What a block of
 * code printed stands behind it and is no step of its own, as the model did not write it.
 *
 * @param kind who wrote it, and how
 * @param from its first character in the solution
 * @param to the one after its last
 */
public record Step(Kind kind, int from, int to) {
  /** What a part of a solution is. */
  public enum Kind {
    /** Words. */
    TEXT,
    /** A fenced block of Python. */
    CODE,
    /** What the block before printed. */
    OUTPUT
  }

  /** Its characters. */
  public String of(String solution) {
    return solution.substring(from, to);
  }
}
