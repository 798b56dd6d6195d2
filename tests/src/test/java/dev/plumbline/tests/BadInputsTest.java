package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.plumbline.data.UserError;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every bad input gives rows or an error that names the file. A failure prints the seed; {@code
 * -Dplumbline.seed=N} replays it, {@code -Dplumbline.bad-inputs=N} tries more.
 */
class BadInputsTest {
  private static final long SEED = Long.getLong("plumbline.seed", System.nanoTime());
  private static final int COUNT = Integer.getInteger("plumbline.bad-inputs", 300);

  @TempDir Path folder;

  @Test
  void everyInputGivesRowsOrAnError() throws IOException {
    int read = 0;
    for (BadInputs.Input input : BadInputs.of(SEED, COUNT)) {
      Path file = Files.write(folder.resolve(input.name()), input.content());
      String where = "seed " + SEED + ", " + input.name() + ", changes " + input.changes();
      long start = cpuNanos();
      try {
        input.reader().accept(file);
        read++;
      } catch (UserError e) {
        assertThat(e.getMessage())
            .as(where)
            .contains(input.name())
            .hasSizeLessThan(2_000)
            .doesNotContain("REDACTED", "Feature.", "[Source", "fasterxml");
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        fail(where, e);
      }
      assertThat((cpuNanos() - start) / 1e9).as("seconds, " + where).isLessThan(10);
      Files.delete(file);
    }
    System.out.printf(
        "Bad inputs, seed %d: %d tried, %d read, %d refused.%n", SEED, COUNT, read, COUNT - read);
  }

  /** Processor time of this thread, because other processes may use the machine. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
