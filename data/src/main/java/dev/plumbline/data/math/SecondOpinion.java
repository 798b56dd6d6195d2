package dev.plumbline.data.math;

import java.time.Duration;
import java.util.Optional;

/**
 * A computer algebra system's view of two answers that {@link MathEquality} holds for different: it
 * knows identities, such as {@code \cos\frac{\pi}{3} = \frac{1}{2}}, which exact polynomials do
 * not. It never overrules a "same", and no grade depends on it unless a caller asks for it.
 */
public interface SecondOpinion {
  /** Long enough for any answer of MATH, short enough for thousands of wrong ones. */
  Duration DEADLINE = Duration.ofSeconds(2);

  /**
   * Whether two answers without their box are the same expression; false where they are not, where
   * it does not read one of them, and where the deadline passes.
   */
  boolean same(String gold, String answer, Duration deadline);

  /**
   * Symja's, in a build with the Maven profile {@code symja}. By its name and not by a service
   * file, which would outlive the class when an ordinary build follows.
   */
  static Optional<SecondOpinion> find() {
    try {
      Class<?> symja = Class.forName("dev.plumbline.data.math.SymjaOpinion");
      return Optional.of((SecondOpinion) symja.getConstructor().newInstance());
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Symja's second opinion cannot be made.", e);
    }
  }
}
