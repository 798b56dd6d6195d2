package dev.plumbline.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a separate process, which can be sent signals. */
final class Program implements AutoCloseable {
  private final Process process;
  private final Path out;
  private final Path err;

  private Program(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts a command line with the class path and the flags of this process. */
  static Program start(Path work, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-Xmx1g"));
    command.add("-Dplumbline.threads=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("dev.plumbline.alignment.cli.Main");
    command.addAll(Arrays.asList(args));
    try {
      Files.createDirectories(work);
      Path out = Files.createTempFile(work, "program-", ".out");
      Path err = Files.createTempFile(work, "program-", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().put("OMP_NUM_THREADS", "1");
      return new Program(builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this process, and so its children, ignores a signal. */
  static boolean ignores(int signal) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        long mask = Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16);
        return (mask >> (signal - 1) & 1) == 1;
      }
    }
    return false;
  }

  /** Sends a signal, such as INT; {@code kill -9} is KILL. */
  void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Waits until a file has a number of lines; false if the process ends first. */
  boolean awaitLines(Path file, int lines) throws Exception {
    while (process.isAlive()) {
      if (Files.exists(file) && Files.readString(file).lines().count() >= lines) {
        return true;
      }
      Thread.sleep(5);
    }
    return false;
  }

  /** Waits for the end and returns the exit code, 128 and the signal's number after a signal. */
  int await() throws Exception {
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("The program did not end in five minutes: " + err());
    }
    return process.exitValue();
  }

  /** Waits for a limited time; true if the program has ended. */
  boolean await(long millis) throws Exception {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String out() throws IOException {
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  String err() throws IOException {
    return Files.readString(err, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
