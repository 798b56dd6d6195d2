package dev.plumbline.alignment.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;

/**
 * The process that holds GraalPy: a line of JSON with all blocks of a solution in, a line with what
 * the last one did out. A solution gets a context of its own without files, network, processes,
 * threads, environment and host classes; one that only assigns, calculates and prints, and so can
 * touch nothing shared, gets variables of its own in a common context, which is a hundred times
 * faster.
 */
public final class GraalPyWorker {
  /** Names, numbers, signs, texts without a backslash, and calls of a few functions. */
  private static final Pattern SIMPLE_LINE =
      Pattern.compile("(\\w+ = |print\\()?[\\w\\s+*/%(),.<>=-]*(#.*)?");

  private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");
  private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z_)]\\s*\\.|\\.\\s*[A-Za-z_]");
  private static final List<String> KEYWORDS =
      List.of(
          "import", "from", "def", "class", "while", "for", "if", "else", "try", "with", "lambda",
          "global", "del", "raise", "return", "yield", "exec", "eval", "open", "input", "exit", "quit",
          "help", "compile", "globals", "locals", "vars", "setattr", "getattr", "delattr", "type",
          "object", "super", "async", "await", "breakpoint", "memoryview", "range", "pow", "assert");

  private static final long WATCH_MILLIS = 20;
  private static final String NAMES = "{'__name__': '__main__'}";

  private final String runner;
  private final long deadlineMillis;
  private final int mostOutput;
  private final Engine engine =
      Engine.newBuilder("python").option("engine.WarnInterpreterOnly", "false").build();
  private final ScheduledExecutorService watch =
      Executors.newScheduledThreadPool(
          2, // closing a context waits for what cannot be interrupted
          task -> {
            Thread thread = new Thread(task, "deadline");
            thread.setDaemon(true);
            return thread;
          });
  private Session common;

  private GraalPyWorker(String runner, long deadlineMillis, int mostOutput) {
    this.runner = runner;
    this.deadlineMillis = deadlineMillis;
    this.mostOutput = mostOutput;
  }

  /** A context and what it prints. */
  private final class Session implements AutoCloseable {
    final Printed printed = new Printed();
    final Context context =
        Context.newBuilder("python")
            .engine(engine)
            .allowIO(IOAccess.NONE)
            .allowHostAccess(HostAccess.NONE)
            .allowPolyglotAccess(PolyglotAccess.NONE)
            .allowHostClassLookup(name -> false)
            .allowCreateProcess(false)
            .allowCreateThread(false)
            .allowNativeAccess(false)
            .allowEnvironmentAccess(EnvironmentAccess.NONE)
            .in(java.io.InputStream.nullInputStream())
            .out(printed)
            .err(printed)
            .build();
    final Value run = context.eval("python", runner);
    boolean broken;

    @Override
    public void close() {
      context.close(true);
    }
  }

  /** Keeps the first bytes and throws the rest away, so that printing for ever needs no memory. */
  private static final class Printed extends OutputStream {
    private static final int MAX_BYTES = 1 << 16;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      if (bytes.size() < MAX_BYTES) {
        bytes.write(b);
      }
    }

    void clear() {
      bytes.reset();
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8).strip();
    }
  }

  /** Arguments: deadline of a block in milliseconds, most characters of an output. */
  public static void main(String[] args) throws IOException {
    GraalPyWorker worker =
        new GraalPyWorker(
            ChildPython.resource("run_block.py") + "run_block",
            Long.parseLong(args[0]),
            Integer.parseInt(args[1]));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err); // what a library prints is no answer
    ObjectMapper mapper = new ObjectMapper();
    worker.run(List.of("x = 1\nprint(x)")); // the common context
    worker.run(List.of("import math\nprint(math.pi)")); // and one of its own
    answers.println("{\"ready\":true}");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode question = mapper.readTree(line);
      List<String> blocks = new ArrayList<>();
      question.path("blocks").forEach(block -> blocks.add(block.asText()));
      Map<String, Object> answer = new LinkedHashMap<>(worker.run(blocks));
      answer.put("number", question.path("number"));
      answer.put("nonce", question.path("nonce"));
      answers.println(mapper.writeValueAsString(answer));
    }
  }

  private Map<String, String> run(List<String> blocks) {
    if (blocks.stream().allMatch(GraalPyWorker::simple)) {
      if (common == null || common.broken) {
        common = new Session();
      }
      return run(common, blocks);
    }
    try (Session own = new Session()) {
      return run(own, blocks);
    }
  }

  /** Whether a block can touch nothing but its own variables. */
  static boolean simple(String block) {
    return block.length() < 2000
        && !block.contains("**")
        && !block.contains("__")
        && block.lines().allMatch(line -> SIMPLE_LINE.matcher(line).matches())
        && !ATTRIBUTE.matcher(block.replaceAll("#.*", "")).find()
        && WORD.matcher(block.replaceAll("#.*", ""))
            .results()
            .noneMatch(word -> KEYWORDS.contains(word.group()));
  }

  /**
   * Whether this thread has used up the time of a block since now: processor time, and a multiple
   * of it for what sleeps.
   */
  private static BooleanSupplier deadline(long millis) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long cpu = threads.getThreadCpuTime(thread);
    long wall = System.nanoTime();
    long allowed = TimeUnit.MILLISECONDS.toNanos(millis);
    return () ->
        threads.getThreadCpuTime(thread) - cpu > allowed
            || System.nanoTime() - wall > ChildPython.BACKSTOP * allowed;
  }

  /** Ends the process where a block keeps running although its context is closed. */
  private ScheduledFuture<?> orEnd(BooleanSupplier over) {
    return watch.scheduleWithFixedDelay(
        () -> {
          if (over.getAsBoolean()) {
            Runtime.getRuntime().halt(1);
          }
        },
        WATCH_MILLIS,
        WATCH_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  private Map<String, String> run(Session session, List<String> blocks) {
    Value names = session.context.eval("python", NAMES);
    String status = "OK";
    String error = "";
    for (String block : blocks) {
      session.printed.clear();
      status = "OK";
      error = "";
      AtomicBoolean late = new AtomicBoolean();
      BooleanSupplier over = deadline(deadlineMillis);
      ScheduledFuture<?> end = orEnd(deadline(deadlineMillis + deadlineMillis / 4));
      ScheduledFuture<?> deadline =
          watch.scheduleWithFixedDelay(
              () -> {
                if (!late.get() && over.getAsBoolean()) {
                  late.set(true);
                  session.context.close(true);
                }
              },
              WATCH_MILLIS,
              WATCH_MILLIS,
              TimeUnit.MILLISECONDS);
      try {
        session.run.execute(block, names);
      } catch (PolyglotException e) {
        boolean ended = e.isCancelled() || late.get();
        status = ended ? "TIMEOUT" : e.isResourceExhausted() ? "KILLED" : "ERROR";
        error =
            ended
                ? String.format("TimeoutError: stopped after %d s", deadlineMillis / 1000)
                : e.isExit() ? "SystemExit" : String.valueOf(e.getMessage());
      } finally {
        deadline.cancel(false);
        end.cancel(false);
      }
      if (late.get() && status.equals("OK")) {
        status = "TIMEOUT"; // it ended while it was being stopped: the context is gone
      }
      if (!status.equals("OK") && !status.equals("ERROR")) {
        session.broken = true;
        break;
      }
    }
    String text = (session.printed.text() + "\n" + error).strip();
    return Map.of(
        "output",
        text.isEmpty() ? Execution.EMPTY : text.substring(0, Math.min(mostOutput, text.length())),
        "status",
        status);
  }
}
