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
 * A lock on an output: a run holds it as long as it writes the output, so that no other run can.
 * The system frees the lock when the process ends for any reason; the lock file names the process
 * for users.
 */
public final class RunLock implements AutoCloseable {
  /** Name in an output directory; beside an output file it is {@code NAME.lock}. */
  static final String FILE = "run.lock";

  /**
   * The locked paths of this process. Closing a second channel on a locked file would free the
   * lock, because POSIX locks belong to the process and the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file; // null if there is nothing to lock
  private final FileChannel channel;

  private RunLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks an output directory and creates it if it is missing.
   *
   * @throws UserError when another run holds the lock, or the directory cannot be written
   */
  public static RunLock directory(Path output) {
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new UserError(
          "The output directory " + output + " cannot be created: " + SystemReason.of(e) + ".");
    }
    return lock(output.resolve(FILE), output);
  }

  /**
   * Locks an output file, which need not exist, and creates its directory if it is missing. Links
   * are followed. A file that is not regular, such as a pipe or a device, is not locked.
   *
   * @throws UserError when another run holds the lock, or the directory cannot be created
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
          "The directory of the output "
              + output
              + " cannot be created: "
              + SystemReason.of(e)
              + ".");
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
                + "; wait until it ends, or choose another output.");
      }
      // The previous run may have deleted the file after we opened and before we locked it.
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
   * Whether the locked file is still at this path. Opening it again would free the lock, so it is
   * recognised by a size that no other run gives it.
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

  /**
   * Frees the output. The file is deleted before the lock is freed, so that no run locks a file
   * that is about to be deleted.
   */
  @Override
  public void close() {
    if (file == null) {
      return;
    }
    try {
      Files.deleteIfExists(file);
      channel.close();
    } catch (IOException e) {
      // The output's directory is gone; the system frees the lock with the process.
    } finally {
      HELD.remove(file);
    }
  }
}
