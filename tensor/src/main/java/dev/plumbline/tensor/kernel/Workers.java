package dev.plumbline.tensor.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The process-wide fork-join pool of the fused kernels: the calling thread plus {@code threads - 1}
 * daemon workers that spin briefly between regions and then park. A parallel region costs about
 * half a microsecond.
 *
 * <p>Results never depend on the number of threads or on timing: either the result of a chunk does
 * not depend on its bounds, or the bounds depend on the problem alone and sums across chunks are
 * added afterwards in chunk order.
 *
 * <p>Only one thread at a time may start regions, because the process has one set of workers and
 * scratch spaces.
 */
public final class Workers {
  /** System property with the number of threads; the default is the number of processors. */
  public static final String THREADS_PROPERTY = "plumbline.threads";

  /** One chunk of a parallel region. */
  @FunctionalInterface
  public interface Body {
    /**
     * Processes items {@code [from, to)}; {@code worker} in {@code [0, threads)} selects a scratch
     * space.
     */
    void run(int from, int to, int worker);
  }

  private static final int SPINS_BEFORE_PARKING = 16_000; // about 200 microseconds
  private static final int THREADS =
      Math.max(1, Integer.getInteger(THREADS_PROPERTY, Runtime.getRuntime().availableProcessors()));
  private static final Worker[] WORKERS = startWorkers();
  private static volatile int active = THREADS;
  private static final Scratch[] SCRATCH = newScratch();
  private static final Scratch SHARED = new Scratch();

  private Workers() {}

  /** Number of threads that share a region, the caller included. */
  public static int threads() {
    return THREADS;
  }

  /** Number of threads of the next regions. */
  public static int active() {
    return active;
  }

  /**
   * Limits regions to the first {@code threads} threads, for measurements; results stay the same.
   */
  public static void limit(int threads) {
    active = Math.max(1, Math.min(THREADS, threads));
  }

  /** The scratch space of a worker; valid inside a region only. */
  public static Scratch scratch(int worker) {
    return SCRATCH[worker];
  }

  /** The scratch space of the thread that starts regions; all workers of a region may read it. */
  public static Scratch shared() {
    return SHARED;
  }

  /**
   * Runs {@code body} over {@code [0, n)} in chunks of {@code grain}, each taken by the next free
   * thread.
   */
  @SuppressWarnings(
      "ThreadPriorityCheck") // yields only while another thread of the region is working
  public static void forChunks(int n, int grain, Body body) {
    if (n <= 0) {
      return;
    }
    int threads = active;
    if (threads == 1 || n <= grain) {
      for (int from = 0; from < n; from += grain) {
        body.run(from, Math.min(n, from + grain), 0);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicInteger running = new AtomicInteger(threads - 1);
    Throwable[] failures = new Throwable[threads];
    for (int worker = 1; worker < threads; worker++) {
      int id = worker;
      WORKERS[worker].give(
          () -> {
            try {
              drain(n, grain, body, next, id);
            } catch (Throwable t) {
              failures[id] = t;
            } finally {
              WORKERS[id].job = null;
              running.decrementAndGet();
            }
          });
    }
    try {
      drain(n, grain, body, next, 0);
    } catch (Throwable t) {
      failures[0] = t;
      next.set(n); // the others stop at their next chunk
    }
    for (int spins = 0; running.get() > 0; spins++) {
      if (spins < 10_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    for (Throwable failure : failures) {
      if (failure instanceof RuntimeException exception) {
        throw exception;
      } else if (failure != null) {
        throw new IllegalStateException("A parallel kernel failed: " + failure, failure);
      }
    }
  }

  private static void drain(int n, int grain, Body body, AtomicInteger next, int worker) {
    for (int from = next.getAndAdd(grain); from < n; from = next.getAndAdd(grain)) {
      body.run(from, Math.min(n, from + grain), worker);
    }
  }

  private static Worker[] startWorkers() {
    Worker[] workers = new Worker[THREADS];
    for (int i = 1; i < THREADS; i++) {
      workers[i] = new Worker("plumbline-worker-" + i);
      workers[i].start();
    }
    return workers;
  }

  private static Scratch[] newScratch() {
    Scratch[] scratch = new Scratch[THREADS];
    for (int i = 0; i < THREADS; i++) {
      scratch[i] = new Scratch();
    }
    return scratch;
  }

  private static final class Worker extends Thread {
    private volatile Runnable job;
    private volatile boolean parked;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    void give(Runnable newJob) {
      job = newJob;
      if (parked) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      while (true) {
        Runnable current = job;
        for (int spins = 0; current == null && spins < SPINS_BEFORE_PARKING; spins++) {
          Thread.onSpinWait();
          current = job;
        }
        if (current == null) {
          parked = true;
          if (job == null) {
            LockSupport.park(this);
          }
          parked = false;
        } else {
          current.run();
        }
      }
    }
  }
}
