package dev.plumbline.data.steps;

/**
 * A part of a solution (SCDPO, section 3): a piece of reasoning, a block of code, or the output of
 * a block. An output follows its block and does not count as a step, because the model did not
 * write it.
 *
 * @param kind what the part is
 * @param from index of its first character in the solution
 * @param to index after its last character
 */
public record Step(Kind kind, int from, int to) {
  /** Kinds of parts. */
  public enum Kind {
    /** Reasoning in words. */
    TEXT,
    /** A fenced block of Python. */
    CODE,
    /** Output of the block before it. */
    OUTPUT
  }

  /** Returns the characters of this step. */
  public String of(String solution) {
    return solution.substring(from, to);
  }
}
