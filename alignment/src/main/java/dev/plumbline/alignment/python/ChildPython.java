package dev.plumbline.alignment.python;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.data.UserError;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An interpreter in a child process; requests and responses are lines of JSON. A response counts
 * only with the number and the nonce of its request, which the code of a solution cannot see. The
 * process limits the processor time of each solution itself. If it does not respond, it is killed
 * with all processes that it has started, and the next solution starts a new one. Equal lists of
 * blocks are run once, unless they use time or randomness, or were stopped.
 */
final class ChildPython implements Python {
  /** The main class of the process that runs GraalPy. */
  static final String GRAALPY_WORKER = "dev.plumbline.alignment.python.GraalPyWorker";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MOST_KEPT = 20_000;
  private static final long START_MILLIS = 120_000;

  /**
   * Ratio of the wall-time limit to the processor-time limit: code that sleeps is stopped, code
   * that waits for a busy machine is not.
   */
  static final int BACKSTOP = 8;

  private static final long GRACE_MILLIS = 60_000;

  /** Environment variable of the process, which its child processes inherit. */
  private static final String MARK = "PLUMBLINE_PYTHON";

  private final List<String> command;
  private final String name;
  private final Duration deadline;
  private final Path script; // deleted on close, or null
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "python-reader");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<List<String>, Execution> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, Execution> eldest) {
          return size() > MOST_KEPT;
        }
      };
  private final SecureRandom random = new SecureRandom();
  private final String mark = nonce();
  private long number;
  private Process process;
  private BufferedWriter in;
  private BufferedReader out;

  private ChildPython(List<String> command, String name, Duration deadline, Path script) {
    this.command = command;
    this.name = name;
    this.deadline = deadline;
    this.script = script;
  }

  /** Starts GraalPy in a JVM with the class path of this one. */
  static ChildPython graalPy(Duration deadline) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + MEMORY_MIB + "m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            GRAALPY_WORKER,
            Long.toString(deadline.toMillis()),
            Integer.toString(MOST_OUTPUT));
    return new ChildPython(command, "GraalPy in a sandbox", deadline, null);
  }

  /** Starts python3 from the PATH. */
  static ChildPython python3(Duration deadline) {
    try {
      Path script = Files.createTempFile("plumbline-python", ".py");
      Files.writeString(script, resource("run_block.py") + resource("worker.py"));
      List<String> command =
          List.of(
              "python3",
              "-I",
              script.toString(),
              Double.toString(deadline.toMillis() / 1e3),
              Integer.toString(MOST_OUTPUT),
              Integer.toString(MEMORY_MIB));
      return new ChildPython(command, "python3 from the PATH, not sandboxed", deadline, script);
    } catch (IOException e) {
      throw new UncheckedIOException("The script for python3 could not be written.", e);
    }
  }

  /** The text of a script in the resources. */
  static String resource(String name) throws IOException {
    try (InputStream script = ChildPython.class.getResourceAsStream(name)) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String nonce() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public String describe() {
    return name;
  }

  @Override
  public synchronized Execution run(List<String> blocks) {
    Execution before = known.get(blocks);
    if (before != null) {
      return before;
    }
    Execution now = execute(blocks);
    boolean repeatable =
        (now.status() == Execution.Status.OK || now.status() == Execution.Status.ERROR)
            && blocks.stream().noneMatch(b -> b.contains("random") || b.contains("time"));
    if (repeatable) {
      known.put(List.copyOf(blocks), now);
    }
    return now;
  }

  private Execution execute(List<String> blocks) {
    try {
      start();
      String nonce = nonce();
      Map<String, Object> question = Map.of("number", ++number, "nonce", nonce, "blocks", blocks);
      in.write(MAPPER.writeValueAsString(question));
      in.newLine();
      in.flush();
      long wait = BACKSTOP * deadline.toMillis() * Math.max(1, blocks.size()) + GRACE_MILLIS;
      JsonNode answer = answer(nonce, wait);
      return new Execution(
          answer.path("output").asText(), Execution.Status.valueOf(answer.path("status").asText()));
    } catch (TimeoutException | ExecutionException | IOException e) {
      kill();
      return new Execution(
          "The interpreter was stopped: it used too much memory or did not answer.",
          Execution.Status.KILLED);
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Running code was interrupted.", e);
    }
  }

  /** Reads the response to the last request and ignores all other lines. */
  private JsonNode answer(String nonce, long millis)
      throws IOException, TimeoutException, ExecutionException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      String line = line(TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
      try {
        JsonNode answer = MAPPER.readTree(line);
        if (answer.path("number").asLong() == number
            && answer.path("nonce").asText().equals(nonce)) {
          return answer;
        }
      } catch (JsonProcessingException e) {
        // not a response of the process
      }
    }
  }

  /** The next line of the process, within a time limit. */
  private String line(long millis)
      throws IOException, TimeoutException, ExecutionException, InterruptedException {
    Future<String> next = reader.submit(out::readLine);
    String line = next.get(Math.max(0, millis), TimeUnit.MILLISECONDS);
    if (line == null) {
      throw new IOException("the process has ended");
    }
    return line;
  }

  /** Starts the process if it does not run, and waits until it has loaded its interpreter. */
  private void start()
      throws IOException, TimeoutException, ExecutionException, InterruptedException {
    if (process != null && process.isAlive()) {
      return;
    }
    try {
      ProcessBuilder builder =
          new ProcessBuilder(new ArrayList<>(command))
              .redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().keySet().retainAll(List.of("PATH", "HOME", "LANG"));
      builder.environment().put(MARK, mark);
      process = builder.start();
      in = process.outputWriter(StandardCharsets.UTF_8);
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UserError(
          "The interpreter for the model's code ("
              + command.get(0)
              + ") cannot be started ("
              + e.getMessage()
              + "); install it or choose another interpreter.",
          e);
    }
    line(START_MILLIS);
  }

  private void kill() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process = null;
      ProcessHandle.allProcesses().filter(this::marked).forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Whether this interpreter started a process that has lost its parent since. */
  private boolean marked(ProcessHandle other) {
    try {
      Path environment = Path.of("/proc", Long.toString(other.pid()), "environ");
      return Files.isReadable(environment)
          && new String(Files.readAllBytes(environment), StandardCharsets.ISO_8859_1)
              .contains(MARK + "=" + mark);
    } catch (IOException e) {
      return false; // it has ended, or belongs to another user
    }
  }

  @Override
  public synchronized void close() {
    kill();
    reader.shutdownNow();
    try {
      if (script != null) {
        Files.deleteIfExists(script);
      }
    } catch (IOException e) {
      // a leftover file in the temporary directory is harmless
    }
  }
}
