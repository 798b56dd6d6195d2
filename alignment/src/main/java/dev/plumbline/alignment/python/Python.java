package dev.plumbline.alignment.python;

import dev.plumbline.data.UserError;
import java.time.Duration;
import java.util.List;

/**
 * Runs the code of solutions. A solution's blocks share their variables, as in one session; two
 * solutions share nothing.
 */
public interface Python extends AutoCloseable {
  /** Long enough for any sum, short enough for thousands of endless loops. */
  Duration DEADLINE = Duration.ofSeconds(6);

  /** Maximum number of characters of an output; the rest is cut off. */
  int MOST_OUTPUT = 2000;

  /** Maximum memory of an interpreter, in MiB. */
  int MEMORY_MIB = 512;

  /**
   * Runs the blocks of one solution in order and tells what the last one did. What the earlier ones
   * print is thrown away: their outputs are in the solution already.
   */
  Execution run(List<String> blocks);

  /** Name for reports. */
  String describe();

  @Override
  void close();

  /** Which interpreter. */
  enum Kind {
    /**
     * GraalPy in a JVM of its own: no files, network, processes, threads or classes of the host.
     */
    GRAALPY,
    /**
     * The {@code python3} of the path: bounds on time and memory, but files and network are open.
     */
    PYTHON3
  }

  /** Starts an interpreter; a UserError says what to do where it is not there. */
  static Python start(Kind kind, Duration deadline) {
    if (kind == Kind.PYTHON3) {
      return ChildPython.python3(deadline);
    }
    if (!sandboxIsThere()) {
      throw new UserError(
          "GraalPy is in no ordinary build, as it takes 160 MB; build it in with \"mvn -Ppython -Dskip.checks -DskipTests -pl"
              + " alignment -am package && touch alignment/target/plumbline.built\", or choose python3, which runs the"
              + " model's code with your rights.");
    }
    return ChildPython.graalPy(deadline);
  }

  /** Whether GraalPy is built in. */
  static boolean sandboxIsThere() {
    try {
      Class.forName(ChildPython.GRAALPY_WORKER, false, Python.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
