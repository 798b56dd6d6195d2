package dev.plumbline.alignment.run;

import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One run, one output: whoever writes an output over time holds a lock on it. The system frees the
 * lock of a process that ends, however it ends; the file names the process for people.
 */
public final class RunLock implements AutoCloseable {
  /** In an output directory; beside an output file {@code NAME.lock}. */
  static final String FILE = "run.lock";

  /**
   * Of this process. A second channel on a locked file would free the lock when it is closed: POSIX
   * locks belong to the process and the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file; // null where there is nothing to lock
  private final FileChannel channel;

  private RunLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks an output directory, which is made where it is missing.
   *
   * @throws UserError if another run holds it, or nothing can be written there
   */
  public static RunLock directory(Path output) {
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new UserError(
          "The output directory " + output + " cannot be made: " + SystemReason.of(e) + ".");
    }
    return lock(output.resolve(FILE), output);
  }

  /**
   * Locks an output file, which need not exist; its folder is made where it is missing. A link is
   * followed. What is no regular file, such as a pipe or a device, has no lock: nothing is kept in
   * it.
   */
  public static RunLock file(Path output) {
    Path absolute = output.toAbsolutePath();
    try {
      if (Files.exists(absolute)) {
        if (!Files.isRegularFile(absolute) && !Files.isDirectory(absolute)) {
          return new RunLock(null, null);
        }
        absolute = absolute.toRealPath();
      }
      Files.createDirectories(absolute.getParent());
    } catch (IOException e) {
      throw new UserError(
          "The folder of the output " + output + " cannot be made: " + SystemReason.of(e) + ".");
    }
    return lock(absolute.resolveSibling(absolute.getFileName() + ".lock"), output);
  }

  private static RunLock lock(Path path, Path output) {
    Path file = path.toAbsolutePath().normalize();
    if (!HELD.add(file)) {
      throw new UserError(
          "Another run of this process writes " + output + "; choose another output.");
    }
    boolean taken = false;
    try {
      FileChannel channel = open(file, output);
      taken = true;
      return new RunLock(file, channel);
    } catch (IOException e) {
      throw new UserError(
          "The output " + output + " cannot be written: " + SystemReason.of(e) + ".");
    } finally {
      if (!taken) {
        HELD.remove(file);
      }
    }
  }

  private static FileChannel open(Path file, Path output) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (channel.tryLock() == null) {
        String holder = holder(channel);
        channel.close();
        throw new UserError(
            "Another run writes "
                + output
                + (holder.isEmpty() ? "" : " (" + holder + ")")
                + "; wait for its end, or choose another output.");
      }
      // The run before may have deleted the file between our opening and our locking it.
      if (isStillThere(file, channel)) {
        sign(channel);
        return channel;
      }
      channel.close();
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(200);
    channel.read(bytes, 0);
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
  }

  /**
   * Asks by a size that no other run would give the file, since opening it again frees the lock.
   */
  private static boolean isStillThere(Path file, FileChannel channel) throws IOException {
    int size = ThreadLocalRandom.current().nextInt(1 << 10, 1 << 16);
    write(channel, " ".repeat(size));
    return Files.exists(file) && Files.size(file) == size;
  }

  private static void sign(FileChannel channel) throws IOException {
    DateTimeFormatter form = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    write(
        channel,
        "process "
            + ProcessHandle.current().pid()
            + ", since "
            + LocalDateTime.now(ZoneId.systemDefault()).format(form)
            + "\n");
  }

  private static void write(FileChannel channel, String text) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
  }

  /** Frees the output; the file goes first, so that nobody takes a lock on a file that goes. */
  @Override
  public void close() {
    if (file == null) {
      return;
    }
    try {
      Files.deleteIfExists(file);
      channel.close();
    } catch (IOException e) {
      // The output's folder is gone, and the system frees the lock with the process.
    } finally {
      HELD.remove(file);
    }
  }
}
