package dev.plumbline.alignment.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Handles Ctrl-C, SIGTERM and SIGHUP during a long command: the current work is finished and saved
 * before the process ends. A second signal ends the process at once, with the same effect as a
 * kill. A signal that the parent process ignores, such as SIGHUP under nohup, stays ignored.
 */
public final class Interrupt implements AutoCloseable {
  /** The exit code of a process that a signal ended is this number plus the signal's number. */
  private static final int SIGNALLED = 128;

  private final String finishing;
  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
  private volatile Signal received;

  /** Ends an interrupted command whose finished work is saved. */
  public static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    Interrupted(String message, int exitCode) {
      super(message);
      this.exitCode = exitCode;
    }

    /** The exit code: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP. */
    public int exitCode() {
      return exitCode;
    }
  }

  private Interrupt(String finishing) {
    this.finishing = finishing;
  }

  /**
   * Records signals from now on, until {@link #close}.
   *
   * @param finishing the work that is finished first, such as "the step"
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
        // This system lacks the signal, or the JVM reserves it (-Xrs): it ends the process.
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
            + "; a second signal stops at once.");
  }

  /** Whether a signal has arrived. */
  public boolean requested() {
    return received != null;
  }

  /**
   * Creates the exception to throw when the finished work is saved; the message says how to resume.
   */
  public Interrupted interrupted(String message) {
    return new Interrupted(message, SIGNALLED + received.getNumber());
  }

  /** Restores the previous signal handlers. */
  @Override
  public void close() {
    new ArrayList<>(before.entrySet()).forEach(e -> Signal.handle(e.getKey(), e.getValue()));
    before.clear();
  }
}
