package dev.plumbline.alignment.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C, SIGTERM and SIGHUP while a long command works: the work in hand is finished and kept
 * before the process ends. A second signal ends it at once, which costs no more than a kill does. A
 * signal that the parent process ignores, such as SIGHUP under nohup, stays ignored.
 */
public final class Interrupt implements AutoCloseable {
  /** Exit codes of ended processes are this and the signal's number. */
  private static final int SIGNALLED = 128;

  private final String finishing;
  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
  private volatile Signal received;

  /** An interrupted command whose work so far is kept. */
  public static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    Interrupted(String message, int exitCode) {
      super(message);
      this.exitCode = exitCode;
    }

    /** 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP. */
    public int exitCode() {
      return exitCode;
    }
  }

  private Interrupt(String finishing) {
    this.finishing = finishing;
  }

  /**
   * From now on signals are noted, until {@link #close}.
   *
   * @param finishing what is finished first, such as "the step"
   */
  public static Interrupt defer(String finishing) {
    Interrupt interrupt = new Interrupt(finishing);
    for (String name : List.of("INT", "TERM", "HUP")) {
      try {
        Signal signal = new Signal(name);
        SignalHandler old = Signal.handle(signal, interrupt::handle);
        interrupt.before.put(signal, old);
        if (old == SignalHandler.SIG_IGN) {
          Signal.handle(signal, old);
        }
      } catch (IllegalArgumentException e) {
        // This system lacks the signal, or the JVM keeps it for itself (-Xrs): it ends the process.
      }
    }
    return interrupt;
  }

  private void handle(Signal signal) {
    if (received != null) {
      Runtime.getRuntime().halt(SIGNALLED + signal.getNumber());
    }
    received = signal;
    System.err.println(
        System.lineSeparator()
            + "plumbline: SIG"
            + signal.getName()
            + ": finishing "
            + finishing
            + "; once more stops at once.");
  }

  /** Whether a signal has come. */
  public boolean requested() {
    return received != null;
  }

  /** What is thrown when the work so far is kept; the message says how to resume. */
  public Interrupted interrupted(String message) {
    return new Interrupted(message, SIGNALLED + received.getNumber());
  }

  /** Signals do again what they did before. */
  @Override
  public void close() {
    new ArrayList<>(before.entrySet()).forEach(e -> Signal.handle(e.getKey(), e.getValue()));
    before.clear();
  }
}
