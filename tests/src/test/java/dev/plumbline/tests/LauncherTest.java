package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The launcher under different machines and settings. It starts a stand-in for the program that
 * prints its arguments and settings; {@code .ci/run} starts the program itself on every JDK.
 */
class LauncherTest {
  private static final String STAND_IN =
      """
      package dev.plumbline.alignment.cli;

      public class Main {
        public static void main(String[] args) {
          StringBuilder all = new StringBuilder();
          for (String arg : args) {
            arg.chars().forEach(c -> all.append(c < 128 ? (char) c + "" : "<" + c + ">"));
            all.append(new java.io.File(arg).exists() ? "+" : "").append('|');
          }
          System.out.println("args " + all);
          System.out.println("heap " + (Runtime.getRuntime().maxMemory() >> 20));
          System.out.println("java " + System.getProperty("plumbline.java"));
          System.out.println("threads " + System.getProperty("plumbline.threads"));
          System.out.println("said \\u00e4");
        }
      }
      """;

  @TempDir static Path folder;
  private static Path checkout;

  /** A built checkout in a directory with a blank and letters beyond ASCII. */
  @BeforeAll
  static void makeCheckout() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "Skipped: there is no bash.");
    String jnu = System.getProperty("sun.jnu.encoding").toUpperCase(Locale.ROOT);
    checkout = folder.resolve(jnu.startsWith("UTF") ? "my \u00fcber checkout" : "my checkout");
    Files.createDirectories(checkout);
    Files.copy(Path.of("..", "plumbline"), checkout.resolve("plumbline"));
    checkout.resolve("plumbline").toFile().setExecutable(true);
    Files.createFile(checkout.resolve("pom.xml"));
    for (String module : List.of("data", "tensor", "transformer", "alignment")) {
      Files.createDirectories(checkout.resolve(module).resolve("src/main"));
      Files.createFile(checkout.resolve(module).resolve("pom.xml"));
    }
    Path classes = Files.createDirectories(checkout.resolve("alignment/target/classes"));
    Path source = Files.writeString(folder.resolve("Main.java"), STAND_IN);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "--release", "17", "-d", classes.toString(), source.toString());
    assertThat(compiled).isZero();
    Path stamp = Files.createFile(checkout.resolve("alignment/target/plumbline.built"));
    Files.setLastModifiedTime(stamp, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
  }

  /** Runs a line of bash in the checkout; {@code ./plumbline} is the launcher. */
  private static Cli.Result bash(String line, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/bash", "-c", line)
            .directory(checkout.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(key -> key.matches("PLUMBLINE_.*|LC_.*|LANG.*"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Cli.Result(process.exitValue(), out, Files.readString(err));
  }

  private static String starts(String line, Map<String, String> environment)
      throws IOException, InterruptedException {
    Cli.Result result = bash(line, environment);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private static int heap(String out) {
    return Integer.parseInt(out.replaceAll("(?s).*heap (\\d+).*", "$1"));
  }

  static Stream<Path> jdks() throws IOException {
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return Stream.of(Path.of(System.getProperty("java.home")));
    }
    List<Path> found = new ArrayList<>();
    try (Stream<Path> list = Files.list(all)) {
      for (Path jdk : list.filter(p -> Files.isExecutable(p.resolve("bin/java"))).toList()) {
        found.add(jdk.toRealPath());
      }
    }
    return found.stream().distinct();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void everyJdkOfTheMachineStarts(Path jdk) throws IOException, InterruptedException {
    String out = starts("./plumbline a 'b c'", Map.of("JAVA_HOME", jdk.toString()));
    assertThat(out).contains("args a|b c|").contains("java " + jdk + "/bin/java, from JAVA_HOME");
  }

  @Test
  void thePathIsUsedWithoutJavaHome() throws IOException, InterruptedException {
    String line = "unset JAVA_HOME; PATH=" + System.getProperty("java.home") + "/bin:$PATH";
    assertThat(starts(line + " ./plumbline", Map.of())).contains(", from the path");
    String tools =
        "mkdir tools; for t in bash env readlink dirname locale; do ln -s \"$(type -P $t)\" tools; done; ";
    Cli.Result none =
        bash(
            "unset JAVA_HOME; "
                + tools
                + "PATH=$PWD/tools ./plumbline; code=$?; rm -r tools; exit $code",
            Map.of());
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("Java not found").contains("install JDK 17 or newer");
  }

  /** A stand-in for Java: its response to -version, and whether it has the vector module. */
  private static Path java(String name, String script) throws IOException {
    Path java = Files.createDirectories(folder.resolve(name).resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/bash\n" + script + "\n");
    java.toFile().setExecutable(true);
    return java.getParent().getParent();
  }

  @Test
  void anUnsuitableJavaIsNamed() throws IOException, InterruptedException {
    Path old = java("old", "[ $# = 1 ] || exit 1; echo 'openjdk version \"1.8.0_402\"' >&2");
    Path eleven = java("eleven", "echo 'openjdk version \"11.0.2\" 2019' >&2");
    Path bare = java("bare", "[ $# = 1 ] || exit 1; echo 'openjdk version \"21\" 2023' >&2");
    Path broken = java("broken", "echo 'no such library' >&2; exit 127");
    Map<Path, String> expected =
        Map.of(
            old,
            "is Java 8; install JDK 17",
            eleven,
            "is Java 11; install JDK 17",
            bare,
            "has no module jdk.incubator.vector",
            broken,
            "does not start",
            folder.resolve("nothing"),
            "has no bin/java");
    for (Map.Entry<Path, String> e : expected.entrySet()) {
      Cli.Result result = bash("./plumbline", Map.of("JAVA_HOME", e.getKey().toString()));
      assertThat(result.code()).as(e.getValue()).isIn(1, 2);
      assertThat(result.err())
          .contains(e.getValue())
          .contains("JAVA_HOME")
          .contains(e.getKey().toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PLUMBLINE_HEAP, 4",
    "PLUMBLINE_HEAP, 4 g",
    "PLUMBLINE_HEAP, -1g",
    "PLUMBLINE_HEAP, 1k",
    "PLUMBLINE_HEAP, 999999999t",
    "PLUMBLINE_HEAP, four",
    "PLUMBLINE_THREADS, 0",
    "PLUMBLINE_THREADS, 2.5",
    "PLUMBLINE_THREADS, all",
    "PLUMBLINE_THREADS, 99999",
    "PLUMBLINE_JAVA_OPTS, -XX:+NoSuchFlag",
    "PLUMBLINE_JAVA_OPTS, -Xmx"
  })
  void aWrongSettingIsNamed(String name, String value) throws IOException, InterruptedException {
    Cli.Result result = bash("./plumbline", Map.of(name, value));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains(name).contains("'" + value + "'");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void settingsArrive() throws IOException, InterruptedException {
    String out =
        starts(
            "./plumbline",
            Map.of(
                "PLUMBLINE_HEAP", "300m",
                "PLUMBLINE_THREADS", "3",
                "PLUMBLINE_JAVA_OPTS", "-Dx=* -Dplumbline.threads=5"));
    assertThat(heap(out)).isBetween(280, 310);
    assertThat(out).contains("threads 5");
    assertThat(starts("./plumbline", Map.of("PLUMBLINE_THREADS", "3"))).contains("threads 3");
  }

  /** System files as in a container or on an unusual machine. */
  @Test
  void memoryIsTheSmallestLimit() throws IOException, InterruptedException {
    Path system = Files.createDirectories(folder.resolve("system"));
    Map<String, String> environment = Map.of("PLUMBLINE_SYSTEM", system.toString());
    assertThat(heap(starts("./plumbline", environment))).isBetween(1900, 2100); // no system files
    Path info = Files.createDirectories(system.resolve("proc/self")).getParent().resolve("meminfo");
    Files.writeString(info, "");
    assertThat(heap(starts("./plumbline", environment))).isBetween(1900, 2100);
    Files.writeString(info, "MemTotal:        3145728 kB\nMemFree:  1 kB\n");
    assertThat(heap(starts("./plumbline", environment))).isBetween(1450, 1550);
    Path inner = Files.createDirectories(system.resolve("sys/fs/cgroup/a/b"));
    Files.writeString(system.resolve("proc/self/cgroup"), "0::/a/b\n");
    Files.writeString(inner.resolve("memory.max"), "max\n");
    Files.writeString(inner.getParent().resolve("memory.max"), (1L << 30) + "\n");
    assertThat(heap(starts("./plumbline", environment))).isBetween(480, 520);
    Path old = Files.createDirectories(system.resolve("sys/fs/cgroup/memory"));
    Files.writeString(old.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
    assertThat(heap(starts("./plumbline", environment))).isBetween(480, 520);
    Files.writeString(old.resolve("memory.limit_in_bytes"), (1L << 29) + "\n");
    assertThat(heap(starts("./plumbline", environment))).isBetween(240, 260);
  }

  @Test
  void aLimitedAddressSpaceIsEnoughOrNamed() throws IOException, InterruptedException {
    assertThat(heap(starts("ulimit -v 4000000; ./plumbline", Map.of()))).isLessThan(1000);
    Cli.Result result = bash("ulimit -v 1000000; ./plumbline", Map.of());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("'ulimit -v' leaves 976 MiB");
    Cli.Result heap = bash("ulimit -v 4000000; ./plumbline", Map.of("PLUMBLINE_HEAP", "8g"));
    assertThat(heap.code()).isEqualTo(2);
    assertThat(heap.err()).contains("PLUMBLINE_HEAP is '8g'").contains("ulimit -v");
  }

  @ParameterizedTest
  @CsvSource({"LC_ALL, C", "LC_ALL, POSIX", "LANG, C", "LANG, xx_XX.UTF-8", "LC_ALL, C.UTF-8"})
  void textsAreUtf8InEveryLocale(String name, String value)
      throws IOException, InterruptedException {
    String out =
        starts(
            "touch $'d\\xc3\\xa9j\\xc3\\xa0'; ./plumbline $'d\\xc3\\xa9j\\xc3\\xa0'",
            Map.of(name, value));
    assertThat(out).contains("args d<233>j<224>+|").contains("said \u00e4");
  }

  @Test
  void itStartsFromAnywhere() throws IOException, InterruptedException {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, checkout.resolve("plumbline"));
    assertThat(starts("cd / && '" + link + "' x", Map.of())).contains("args x|");
    assertThat(starts("unset HOME; ./plumbline x", Map.of())).contains("args x|");
    assertThat(starts("./plumbline x <&-", Map.of())).contains("args x|");
    assertThat(starts("./plumbline x 2>&-", Map.of())).contains("args x|");
    assertThat(starts("./plumbline x >&-", Map.of())).isEmpty();
    Cli.Result early = bash("./plumbline x | head -n 1", Map.of());
    assertThat(early.err()).doesNotContain("Exception");
  }
}
