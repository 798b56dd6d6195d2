package dev.plumbline.transformer.jinja;

/**
 * What one rendering may use. A chat template needs some thousand steps; one that goes beyond these
 * bounds is hostile or broken, and is refused with the bound that it broke.
 */
final class Budget {
  /** About two seconds of a slow machine. */
  static final long MOST_STEPS = 20_000_000;

  /** Most characters of an output or of any text on the way, most elements of a list. */
  static final int MOST_SIZE = 1 << 20;

  /** Most levels of evaluation: they fit the stack of any thread. */
  static final int MOST_DEEP = 600;

  private static final long MOST_NANOS = 10_000_000_000L; // for a machine that is very busy
  private static final int CHARACTERS_A_STEP = 4;
  private static final int COMPARISONS_A_STEP = 64;

  private final long begun = System.nanoTime();
  private long steps;
  private long looked;
  private int depth;

  /** Counts work. */
  void step(long count) {
    steps += count;
    if (steps > MOST_STEPS) {
      throw new TemplateException("does not end within " + MOST_STEPS + " steps");
    }
    if (steps - looked > 100_000) {
      looked = steps;
      if (System.nanoTime() - begun > MOST_NANOS) {
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
    if (size > MOST_SIZE) {
      throw new TemplateException(
          "makes a text or a list of more than " + MOST_SIZE + " characters or elements");
    }
  }

  /** One level deeper; {@link #leave} comes back. */
  void enter() {
    step(1);
    if (++depth > MOST_DEEP) {
      throw new TemplateException("calls itself more than " + MOST_DEEP + " levels deep");
    }
  }

  void leave() {
    depth--;
  }
}
