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
 * The finished work of a long command, saved beside its output. A command that is killed at any
 * moment and started again writes the same bytes as an uninterrupted one. At the end the output is
 * written from the journal and the journal is deleted.
 */
public final class Journal implements AutoCloseable {
  private static final String SUFFIX = ".partial";

  private final Path file; // null if nothing is saved
  private final RunLock lock;
  private final Path made; // a directory that this journal created, or null
  private JournalFile kept;
  private Interrupt interrupt;
  private boolean finished;
  private boolean told;
  private int batches;
  private String what;
  private int done;
  private int count;

  /** Computes the missing items of a batch. */
  public interface Work<T> {
    /**
     * Called once per batch.
     *
     * @param missing indices of items to compute, in order; may be empty
     * @param finished is called with each item's result as soon as it is available
     */
    void run(int[] missing, ObjIntConsumer<T> finished);
  }

  private Journal(Path file, RunLock lock, Path made) {
    this.file = file;
    this.lock = lock;
    this.made = made;
  }

  /** Returns a journal that saves nothing: for a command without an output file. */
  public static Journal none() {
    return new Journal(null, null, null);
  }

  /**
   * Creates a journal for an output file and locks the file; nothing is saved for a device or a
   * pipe.
   *
   * @param inputs files that the command reads; none may be the output
   * @throws UserError when the output cannot be written, another run writes it, or it is an input
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
   * Creates a journal for an output directory, which is created and locked.
   *
   * @param files names of the files that the command writes there
   * @param inputs files and directories that the command reads; none may be an output
   * @throws UserError when the output cannot be written, another run writes it, or it is an input
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
          "The output " + output + " is an input of the command; choose another output.");
    }
  }

  /**
   * Loads the saved work of an earlier run. From now on a signal ends the command at {@link
   * #check}.
   *
   * @param settings everything that decides the result, see {@link RunFiles#identity(Record)}
   * @throws UserError when the journal belongs to another command, or is damaged
   */
  public void resume(String command, Record settings) {
    if (file == null) {
      return;
    }
    kept = JournalFile.open(file, command, settings);
    interrupt = Interrupt.defer("the current pass");
  }

  /**
   * Returns the results of all items of a batch in order: saved ones, and those that {@code work}
   * computes now. A command must have the same batches in the same order in each run.
   *
   * @param items the word for the items, such as "problems"
   * @param type type of a result, which JSON must restore exactly: no float
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
    told |= done < count; // print once, before the first new work
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

  /** Ends the command if a signal has arrived; finished work is saved by then. */
  public void check() {
    if (interrupt != null && interrupt.requested()) {
      throw interrupt.interrupted(
          !kept.isEmpty()
              ? "Interrupted: "
                  + progress()
                  + "; finished work is saved in "
                  + file
                  + ". Run the same command again to resume."
              : "Interrupted before any of the " + count + " " + what + " was done.");
    }
  }

  /** Deletes the journal, because the output is written. */
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

  /** Removes the new directory if an error occurs before anything is written. */
  private void removeEmpty() {
    try {
      if (made != null) {
        Files.deleteIfExists(made);
      }
    } catch (IOException e) {
      // It contains files.
    }
  }
}
