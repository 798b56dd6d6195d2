package dev.plumbline.alignment.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.plumbline.data.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The python3 of the path, where there is one. */
class Python3Test {
  private static Python python;

  @BeforeAll
  static void start() {
    assumeTrue(there(), "There is no python3 on the path: skipped.");
    python = Python.start(Python.Kind.PYTHON3, Duration.ofSeconds(1));
  }

  private static boolean there() {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterAll
  static void stop() {
    if (python != null) {
      python.close();
    }
  }

  @Test
  void blocksShareVariablesAndSolutionsDoNot() {
    assertThat(python.run(List.of("x = 37+31\nprint(x)", "y = x*2\nprint(y)")))
        .isEqualTo(new Execution("136", Execution.Status.OK));
    assertThat(python.run(List.of("print(x)")).output()).contains("NameError");
    assertThat(python.run(List.of("x = 1")).output()).isEqualTo(Execution.EMPTY);
    assertThat(python.run(List.of("1/0", "6*7")).output()).isEqualTo("42");
    assertThat(python.run(List.of("6*7", "1/0")).output()).contains("ZeroDivisionError");
    assertThat(python.run(List.of("print(")).output()).contains("SyntaxError");
    assertThat(python.run(List.of("print('\u00e9')")).output()).isEqualTo("\u00e9");
  }

  @Test
  void aRunawayBlockCostsItsOwnSolutionOnly() {
    assertThat(python.run(List.of("while True: pass")).status())
        .isEqualTo(Execution.Status.TIMEOUT);
    assertThat(python.run(List.of("x = bytearray(10**9)")).status())
        .isEqualTo(Execution.Status.KILLED);
    assertThat(python.run(List.of("import os\nos.kill(os.getpid(), 9)")).status())
        .isEqualTo(Execution.Status.KILLED);
    assertThat(python.run(List.of("print('a' * 10**6)")).output()).hasSize(Python.MOST_OUTPUT);
    assertThat(python.run(List.of("print(2+2)")).output()).isEqualTo("4");
  }

  @Test
  void graalPyIsAskedForByName() {
    if (!Python.sandboxIsThere()) {
      assertThatThrownBy(() -> Python.start(Python.Kind.GRAALPY, Python.DEADLINE))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("-Ppython");
    }
  }
}
