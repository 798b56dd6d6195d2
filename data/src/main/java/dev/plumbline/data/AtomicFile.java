package dev.plumbline.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * An output file that appears whole or not at all: bytes go to {@code NAME.tmp} in the same folder,
 * which is forced to disk and renamed over the target by {@link #commit}. Closing without a commit
 * removes the temporary file and leaves an older target as it was.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final OutputStream out;
  private boolean finished;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
  }

  /** Starts writing beside {@code target}; its folder is made when missing. */
  public static AtomicFile create(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    if (Files.isDirectory(absolute)) {
      throw new UserError(target + " is a folder, so no file can be written there; name a file.");
    }
    Files.createDirectories(absolute.getParent());
    Path temporary = absolute.resolveSibling(absolute.getFileName() + ".tmp");
    FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new AtomicFile(absolute, temporary, channel);
  }

  /** The buffered stream into the temporary file; {@link #commit} flushes it. */
  public OutputStream stream() {
    return out;
  }

  /** Makes the file visible under its own name. */
  public void commit() throws IOException {
    out.flush();
    // Without the force, a crash shortly after the rename can leave an empty file under the final
    // name.
    channel.force(true);
    channel.close();
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      finished = true;
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }
}
