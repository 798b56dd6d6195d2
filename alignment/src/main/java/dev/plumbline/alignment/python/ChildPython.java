package dev.plumbline.alignment.python;

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
import java.time.Duration;
import java.util.ArrayList;
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
 * An interpreter in a process of its own, spoken to in lines of JSON. The process watches the
 * deadline of each block itself; if it does not answer in twice that time, it is killed and the
 * next solution gets a new one. Equal lists of blocks are run once, unless they ask for time or
 * chance.
 */
final class ChildPython implements Python {
  /** The main class of the process that holds GraalPy. */
  static final String GRAALPY_WORKER = "dev.plumbline.alignment.python.GraalPyWorker";

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MOST_KEPT = 20_000;
  private static final long START_MILLIS = 120_000;

  private final List<String> command;
  private final String name;
  private final Duration deadline;
  private final Path script; // to delete, or null
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
  private Process process;
  private BufferedWriter in;
  private BufferedReader out;

  private ChildPython(List<String> command, String name, Duration deadline, Path script) {
    this.command = command;
    this.name = name;
    this.deadline = deadline;
    this.script = script;
  }

  /** GraalPy in a JVM with the class path of this one. */
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

  /** The python3 of the path. */
  static ChildPython python3(Duration deadline) {
    try (InputStream worker = ChildPython.class.getResourceAsStream("worker.py")) {
      Path script = Files.createTempFile("plumbline-python", ".py");
      Files.write(script, worker.readAllBytes());
      List<String> command =
          List.of(
              "python3",
              "-I",
              script.toString(),
              Double.toString(deadline.toMillis() / 1e3),
              Integer.toString(MOST_OUTPUT),
              Integer.toString(MEMORY_MIB));
      return new ChildPython(command, "python3 of the path, not sandboxed", deadline, script);
    } catch (IOException e) {
      throw new UncheckedIOException("The script for python3 cannot be written.", e);
    }
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
        now.status() != Execution.Status.KILLED
            && blocks.stream().noneMatch(b -> b.contains("random") || b.contains("time"));
    if (repeatable) {
      known.put(List.copyOf(blocks), now);
    }
    return now;
  }

  private Execution execute(List<String> blocks) {
    try {
      start();
      in.write(MAPPER.writeValueAsString(blocks));
      in.newLine();
      in.flush();
      JsonNode answer = MAPPER.readTree(line(2 * deadline.toMillis() * blocks.size() + 5_000));
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

  /** The next line of the process, waited for so long. */
  private String line(long millis)
      throws IOException, TimeoutException, ExecutionException, InterruptedException {
    Future<String> next = reader.submit(out::readLine);
    String line = next.get(millis, TimeUnit.MILLISECONDS);
    if (line == null) {
      throw new IOException("the process has ended");
    }
    return line;
  }

  /** Starts the process, unless it runs, and waits until it has loaded its interpreter. */
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
      process = builder.start();
      in = process.outputWriter(StandardCharsets.UTF_8);
      out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UserError(
          "There is no "
              + command.get(0)
              + " to run the model's code with ("
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
      // a leftover in the temporary directory harms nobody
    }
  }
}
