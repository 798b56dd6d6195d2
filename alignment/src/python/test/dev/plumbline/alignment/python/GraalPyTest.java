package dev.plumbline.alignment.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sandbox: what it refuses, and that a runaway block costs its own solution only. */
class GraalPyTest {
  private static Python python;

  @BeforeAll
  static void start() {
    python = Python.start(Python.Kind.GRAALPY, Duration.ofSeconds(8));
  }

  @AfterAll
  static void stop() {
    python.close();
  }

  @Test
  void blocksShareVariablesAndSolutionsDoNot() {
    assertThat(python.run(List.of("x = 37+31\nprint(x)")).output()).isEqualTo("68");
    assertThat(python.run(List.of("x = 37+31\nprint(x)", "y = x*2\nprint(y)")).output())
        .isEqualTo("136");
    Execution other = python.run(List.of("print(x)"));
    assertThat(other.status()).isEqualTo(Execution.Status.ERROR);
    assertThat(other.output()).contains("NameError");
    python.run(List.of("import builtins\nbuiltins.abs = lambda v: 7"));
    assertThat(python.run(List.of("print(abs(-3))")).output()).isEqualTo("3");
    assertThat(python.run(List.of("import math\nmath.sqrt(16)")).output()).isEqualTo("4.0");
    assertThat(python.run(List.of("x = 1")).output()).isEqualTo(Execution.EMPTY);
    assertThat(python.run(List.of("1/0")).output()).contains("ZeroDivisionError");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "print(open('/etc/passwd').read())",
        "open('/tmp/plumbline-leak', 'w').write('x')",
        "import os\nprint(os.listdir('/'))",
        "import os\nos.system('touch /tmp/plumbline-leak')",
        "import subprocess\nsubprocess.run(['touch', '/tmp/plumbline-leak'])",
        "import os\nos.fork()",
        "import socket\nsocket.socket().connect(('127.0.0.1', 80))",
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1/')",
        "import java\nprint(java.type('java.lang.System').getProperty('user.home'))",
        "import polyglot\nprint(polyglot.eval(language='js', string='1'))",
        "import threading\nthreading.Thread(target=print).start()",
        "import ctypes\nctypes.CDLL('libc.so.6').getpid()",
        "import sys\nsys.exit(3)",
      })
  void refuses(String code) {
    Execution e = python.run(List.of(code + "\nprint('got ' + 'through')"));
    assertThat(e.status()).as(e.output()).isEqualTo(Execution.Status.ERROR);
    assertThat(e.output()).doesNotContain("got through").doesNotContain("root:");
    assertThat(Path.of("/tmp/plumbline-leak")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while True: pass",
        "x = 1\nwhile True:\n  x += 1",
        "import time\ntime.sleep(600)",
        "sum(range(10**12))",
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
      })
  void stopsWhatDoesNotEndAndGoesOn(String code) {
    long start = System.nanoTime();
    // What GraalPy itself cannot interrupt costs the child process.
    assertThat(python.run(List.of("v = 5", code)).status())
        .isIn(Execution.Status.TIMEOUT, Execution.Status.KILLED);
    assertThat((System.nanoTime() - start) / 1e9).isLessThan(90);
    assertThat(python.run(List.of("v = 20\nprint(v+2)")).output()).isEqualTo("22");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x = []\nwhile True: x.append(bytearray(10**7))",
        "def f(): return f()\nf()",
        "print('a' * 10**10)",
        "while True: print('a' * 1000)"
      })
  void boundsMemoryAndOutput(String code) {
    Execution e = python.run(List.of(code));
    assertThat(e.status()).isNotEqualTo(Execution.Status.OK);
    assertThat(e.output().length()).isLessThanOrEqualTo(Python.MOST_OUTPUT);
    assertThat(python.run(List.of("print(1+1)", "print(2+2)")).output()).isEqualTo("4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x = 3*(4+5.5) | true",
        "print(x // 2 + max(a, b)) | true",
        "x = 2 # import os | true",
        "import os | false",
        "x = a.b | false",
        "x = ().__class__ | false",
        "x = 9**9**9 | false",
        "print('a') | false",
        "exec(x) | false",
        "while x: y | false",
      })
  void simpleBlocksTouchNothingShared(String code, boolean simple) {
    assertThat(GraalPyWorker.simple(code)).isEqualTo(simple);
  }

  @Test
  void leavesNoFiles() {
    assertThat(Files.exists(Path.of("/tmp/plumbline-leak"))).isFalse();
  }

}
