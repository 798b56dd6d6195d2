package dev.plumbline.transformer.jinja;

/**
 * Limits of one rendering. A chat template needs some thousand steps; one that exceeds these limits
 * is hostile or broken, and is refused.
 */
final class Budget {
  /** About two seconds on a slow machine. */
  static final long MAX_STEPS = 20_000_000;

  /** Maximum number of characters of any text and of elements of any list. */
  static final int MAX_SIZE = 1 << 20;

  /** Maximum number of levels of evaluation; they fit the stack of any thread. */
  static final int MAX_DEPTH = 600;

  private static final long MAX_NANOS = 10_000_000_000L; // for a machine that is very busy
  private static final int CHARACTERS_A_STEP = 4;
  private static final int COMPARISONS_A_STEP = 64;

  private final long begun = System.nanoTime();
  private long steps;
  private long looked;
  private int depth;

  /** Counts work. */
  void step(long count) {
    steps += count;
    if (steps > MAX_STEPS) {
      throw new TemplateException("does not end within " + MAX_STEPS + " steps");
    }
    if (steps - looked > 100_000) {
      looked = steps;
      if (System.nanoTime() - begun > MAX_NANOS) {
        throw new TemplateException("does not end within 10 seconds");
      }
    }
  }

  /** Counts a text that is about to be made. */
  void size(long characters) {
    bound(characters);
    step(characters / CHARACTERS_A_STEP);
  }

  /** Counts a list that is about to be made. */
  void list(long elements) {
    bound(elements);
    step(elements);
  }

  /** Counts a search for one text in another, which may compare every pair of characters. */
  void search(String text, String wanted) {
    step((long) text.length() * (1 + wanted.length()) / COMPARISONS_A_STEP);
  }

  /** Refuses a text or list that has become too long. */
  void bound(long size) {
    if (size > MAX_SIZE) {
      throw new TemplateException(
          "makes a text or a list of more than " + MAX_SIZE + " characters or elements");
    }
  }

  /** Enters one level; {@link #leave} returns. */
  void enter() {
    step(1);
    if (++depth > MAX_DEPTH) {
      throw new TemplateException("calls itself more than " + MAX_DEPTH + " levels deep");
    }
  }

  void leave() {
    depth--;
  }
}
