package dev.plumbline.data.math;

/** An expression that this package does not evaluate; the caller compares texts instead. */
final class Unsupported extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unsupported(String what) {
    super(what, null, false, false);
  }
}
