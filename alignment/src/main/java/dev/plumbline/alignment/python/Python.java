package dev.plumbline.alignment.python;

import dev.plumbline.data.UserError;
import java.time.Duration;
import java.util.List;

/**
 * Runs the code of solutions. A solution's blocks share their variables, as in one session; two
 * solutions share nothing.
 */
public interface Python extends AutoCloseable {
  /**
   * Default time limit of a solution: enough for any calculation, short enough for thousands of
   * endless loops.
   */
  Duration DEADLINE = Duration.ofSeconds(6);

  /** Maximum number of characters of an output; the rest is cut off. */
  int MOST_OUTPUT = 2000;

  /** Maximum memory of an interpreter, in MiB. */
  int MEMORY_MIB = 512;

  /**
   * Runs the blocks of one solution in order and returns the result of the last one. The output of
   * earlier blocks is dropped, because the solution already contains it.
   */
  Execution run(List<String> blocks);

  /** Returns a description for reports. */
  String describe();

  @Override
  void close();

  /** Kinds of interpreters. */
  enum Kind {
    /**
     * GraalPy in a separate JVM, without access to files, network, processes, threads or classes of
     * the host.
     */
    GRAALPY,
    /**
     * {@code python3} from the PATH, with limits on time and memory, but with access to files and
     * network.
     */
    PYTHON3
  }

  /**
   * Starts an interpreter.
   *
   * @throws UserError when the interpreter is missing; the message says how to get it
   */
  static Python start(Kind kind, Duration deadline) {
    if (kind == Kind.PYTHON3) {
      return ChildPython.python3(deadline);
    }
    if (!sandboxIsThere()) {
      throw new UserError(
          "This build does not contain GraalPy, which takes 160 MB; add it with \"mvn -Ppython -Dskip.checks -DskipTests -pl"
              + " alignment -am package && touch alignment/target/plumbline.built\", or choose python3, which runs the"
              + " model's code with your permissions.");
    }
    return ChildPython.graalPy(deadline);
  }

  /** Whether this build contains GraalPy. */
  static boolean sandboxIsThere() {
    try {
      Class.forName(ChildPython.GRAALPY_WORKER, false, Python.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
