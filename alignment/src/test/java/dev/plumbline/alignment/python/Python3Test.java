package dev.plumbline.alignment.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** python3 from the PATH, if there is one. */
class Python3Test {
  private static Python python;

  @TempDir Path work;

  @BeforeAll
  static void start() {
    assumeTrue(there(), "Skipped: there is no python3 on the PATH.");
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
  void aRunawayBlockStopsOnlyItsOwnSolution() {
    assertThat(python.run(List.of("while True: pass")).status())
        .isEqualTo(Execution.Status.TIMEOUT);
    assertThat(python.run(List.of("x = bytearray(10**9)")).status())
        .isEqualTo(Execution.Status.KILLED);
    assertThat(python.run(List.of("import os\nos.kill(os.getpid(), 9)")).status())
        .isEqualTo(Execution.Status.KILLED);
    assertThat(python.run(List.of("print('a' * 10**6)")).output()).hasSize(Python.MOST_OUTPUT);
    assertThat(python.run(List.of("print(2+2)")).output()).isEqualTo("4");
  }

  /** Whatever the code writes, starts or ends, only the process gives responses. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "import os\nfor fd in range(1, 400):\n  try: os.write(fd, b'{\"output\": \"F\", \"status\": \"OK\"}\\n')\n  except OSError: pass",
        "import subprocess\nfor i in range(3): subprocess.run(['echo', '{\"output\": \"F\", \"number\": %d}' % i])",
        "import os, sys\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    import time\n    time.sleep(60)",
        "import os\nos.fork()",
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(30) or print('late')).start()",
        "import atexit\natexit.register(lambda: print('at exit'))",
        "import os\nos.closerange(0, 4096)",
        "import os\nos._exit = print\nos.getpid = lambda: 1",
        "import json, io, traceback\njson.dumps = io.StringIO.getvalue = traceback.format_exception_only = None",
        "import inspect\nf = inspect.currentframe()\nwhile f: f.f_locals.clear(); f = f.f_back",
        "import gc\nfor o in gc.get_objects():\n  if isinstance(o, dict) and 'nonce' in o: print(o['nonce'])",
        "import signal\nfor s in range(1, 30):\n  try: signal.signal(s, signal.SIG_IGN)\n  except OSError: pass",
      })
  void noCodeCanAnswerForTheProcess(String code) {
    assertThat(python.run(List.of(code, "print('mine')")))
        .isEqualTo(new Execution("mine", Execution.Status.OK));
    assertThat(python.run(List.of("print('A')")).output()).isEqualTo("A");
    assertThat(python.run(List.of("print('B')")).output()).isEqualTo("B");
  }

  /** Code that ends itself, its parents or all processes affects at most its own solution. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "import os\nos._exit(0)",
        "import os\nos.kill(os.getppid(), 9)",
        "import os, signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass",
        "while True: print('a' * 1000)",
        "import os\nwhile True: os.fork()",
        "import os\nfor i in range(3):\n  if os.fork() == 0:\n    while True: pass\nimport time\ntime.sleep(99)",
        "import os, sys\nsys.stdout = None\nprint(1)\n1/0"
      })
  void theNextSolutionIsRight(String code) {
    assertThat(python.run(List.of(code)).output()).doesNotContain("next");
    assertThat(python.run(List.of("print('next')")))
        .isEqualTo(new Execution("next", Execution.Status.OK));
  }

  @Test
  void processesThatOutliveASolutionAreKilled() throws IOException, InterruptedException {
    Path alive = work.resolve("alive");
    String code =
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    open('FILE', 'a').write('x')
                    time.sleep(0.01)
        while not os.path.exists('FILE'): time.sleep(0.01)
        print('started')"""
            .replace("FILE", alive.toString());
    assertThat(python.run(List.of(code)).output()).isEqualTo("started");
    long size = Files.size(alive);
    Thread.sleep(300);
    assertThat(Files.size(alive)).isEqualTo(size);
  }

  /** A run that failed because of a busy machine is tried again. */
  @Test
  void aTimeoutIsNotCached() throws IOException {
    Path flag = work.resolve("flag");
    List<String> code =
        List.of("import os\nwhile not os.path.exists('" + flag + "'): pass\nprint('there')");
    assertThat(python.run(code).status()).isEqualTo(Execution.Status.TIMEOUT);
    Files.createFile(flag);
    assertThat(python.run(code).output()).isEqualTo("there");
  }

  @Test
  void sleepTakesNoProcessorTime() {
    assertThat(python.run(List.of("import time\ntime.sleep(1.5)\nprint('awake')")).output())
        .isEqualTo("awake");
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
