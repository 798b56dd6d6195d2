package dev.plumbline.alignment.run;

import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;

/**
 * What a long command has finished, kept beside its output: a run that was killed at any moment and
 * is started again ends in the same bytes as one that was left alone. The output is written from it
 * at the end, and the journal goes.
 */
public final class Journal implements AutoCloseable {
  private static final String SUFFIX = ".partial";

  private final Path file; // null where nothing is kept
  private final RunLock lock;
  private final Path made; // a directory that was not there before, or null
  private JournalFile kept;
  private Interrupt interrupt;
  private boolean finished;
  private boolean told;
  private int batches;
  private String what;
  private int done;
  private int count;

  /** Does the items of a batch that are missing. */
  public interface Work<T> {
    /**
     * Called once a batch.
     *
     * @param missing items to do, in order; may be none
     * @param finished takes each item's result as soon as it is there
     */
    void run(int[] missing, ObjIntConsumer<T> finished);
  }

  private Journal(Path file, RunLock lock, Path made) {
    this.file = file;
    this.lock = lock;
    this.made = made;
  }

  /** Keeps nothing: for a command without an output file. */
  public static Journal none() {
    return new Journal(null, null, null);
  }

  /**
   * For an output file, which is locked; nothing is kept of what goes to a device or a pipe.
   *
   * @param inputs files that are read, none of which may be the output
   * @throws UserError if nothing can be written there, or another run does
   */
  public static Journal beside(Path output, Path... inputs) {
    for (Path input : inputs) {
      refuseSame(output, input);
    }
    Path real = AtomicFile.replaced(output).orElse(null);
    if (real == null) {
      return none();
    }
    Path place = Files.isSymbolicLink(output) ? real : output;
    return new Journal(
        place.resolveSibling(place.getFileName() + SUFFIX), RunLock.file(place), null);
  }

  /**
   * For an output directory, which is made and locked.
   *
   * @param files names of the files that are written into it
   * @param inputs files and directories that are read, none of which may be written to
   * @throws UserError if nothing can be written there, or another run does
   */
  public static Journal inside(Path directory, String command, List<String> files, Path... inputs) {
    for (Path input : inputs) {
      refuseSame(directory, input);
      files.forEach(name -> refuseSame(directory.resolve(name), input));
    }
    Path made = Files.exists(directory) ? null : directory;
    return new Journal(directory.resolve(command + SUFFIX), RunLock.directory(directory), made);
  }

  private static void refuseSame(Path output, Path input) {
    if (input != null && Files.exists(input) && RunFiles.sameDirectory(output, input)) {
      throw new UserError(
          "The output " + output + " is what the command reads; choose another output.");
    }
  }

  /**
   * Takes up what an earlier run has kept; from now on a signal ends the command at {@link #check}.
   *
   * @param settings what decides the result, see {@link RunFiles#identity(Record)}
   * @throws UserError if the journal is another command's, or is damaged
   */
  public void resume(String command, Record settings) {
    if (file == null) {
      return;
    }
    kept = JournalFile.open(file, command, settings);
    interrupt = Interrupt.defer("the pass in hand");
  }

  /**
   * Results of all items of a batch in order: those that are kept, and those that {@code work} does
   * now. A command has the same batches in the same order each time.
   *
   * @param items what they are, such as "problems"
   * @param type of a result, which JSON must bring back as it was: no float
   */
  public <T> List<T> batch(String items, int size, Class<T> type, Work<T> work) {
    Map<Integer, T> found = kept == null ? Map.of() : kept.take(batches, size, type);
    List<T> results = new ArrayList<>(Collections.nCopies(size, null));
    found.forEach((item, result) -> results.set(item, result));
    what = items;
    count = size;
    done = found.size();
    if (kept != null && !kept.isEmpty() && !told && done < count) {
      System.err.println("Resuming: " + progress() + ".");
    }
    told |= done < count; // once, before the first new work
    check();
    work.run(
        IntStream.range(0, size).filter(i -> !found.containsKey(i)).toArray(),
        (result, item) -> {
          if (kept != null) {
            kept.keep(batches, item, result);
          }
          results.set(item, result);
          done++;
        });
    batches++;
    return results;
  }

  private String progress() {
    return batches == 0
        ? done + " of " + count + " " + what + " are done"
        : "in part " + (batches + 1) + ", " + done + " of its " + count + " " + what + " are done";
  }

  /** Ends the command where a signal has come; what is finished is kept by then. */
  public void check() {
    if (interrupt != null && interrupt.requested()) {
      throw interrupt.interrupted(
          !kept.isEmpty()
              ? "Interrupted: "
                  + progress()
                  + "; what is done is kept in "
                  + file
                  + ". Run the same command again to resume."
              : "Interrupted before any of the " + count + " " + what + " was done.");
    }
  }

  /** The output is written: what was kept for it goes. */
  public void finish() {
    finished = true;
  }

  @Override
  public void close() {
    try {
      if (interrupt != null) {
        interrupt.close();
      }
      if (kept != null && (finished || kept.isEmpty())) {
        kept.delete();
      } else if (kept != null) {
        kept.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " cannot be deleted: " + SystemReason.of(e) + ".", e);
    } finally {
      if (lock != null) {
        lock.close();
      }
      removeEmpty();
    }
  }

  /** A mistake that is found before anything is written leaves no directory behind. */
  private void removeEmpty() {
    try {
      if (made != null) {
        Files.deleteIfExists(made);
      }
    } catch (IOException e) {
      // It holds files, as it should.
    }
  }
}
