package dev.plumbline.data.math;

import java.time.Duration;
import java.util.Optional;

/**
 * A computer algebra system's comparison of two answers that {@link MathEquality} finds different.
 * It knows identities such as {@code \cos\frac{\pi}{3} = \frac{1}{2}}, which exact polynomials do
 * not. It never overrules equality, and no grade depends on it unless a caller asks for it.
 */
public interface SecondOpinion {
  /**
   * Time for one comparison: enough for any answer of MATH, short enough for thousands of wrong
   * answers.
   */
  Duration DEADLINE = Duration.ofSeconds(2);

  /**
   * Whether two answers, given without their box, are the same expression; false if they differ, if
   * one cannot be parsed, or if the deadline passes.
   */
  boolean same(String gold, String answer, Duration deadline);

  /**
   * Returns Symja's opinion in a build with the Maven profile {@code symja}, else empty. The class
   * is found by name, because a service file would remain when an ordinary build follows.
   */
  static Optional<SecondOpinion> find() {
    try {
      Class<?> symja = Class.forName("dev.plumbline.data.math.SymjaOpinion");
      return Optional.of((SecondOpinion) symja.getConstructor().newInstance());
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "The class of Symja's second opinion cannot be instantiated.", e);
    }
  }
}
