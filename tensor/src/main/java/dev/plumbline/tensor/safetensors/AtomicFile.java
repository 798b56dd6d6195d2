package dev.plumbline.tensor.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Replaces a file as a whole: a crash leaves the old one or the new one, never a part. */
final class AtomicFile {
  private AtomicFile() {}

  /** Writes to an open channel. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes {@code file.tmp} beside the file, forces it to disk, renames it over the file and forces
   * the directory. Whatever goes wrong, the temporary file is removed and the old file stands.
   */
  static void write(Path file, Content content) {
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceDirectory(file.toAbsolutePath().getParent());
    } catch (IOException | RuntimeException e) {
      discard(beside, e);
      if (e instanceof IOException io) {
        throw Header.error(
            file, "cannot be written; check that the directory exists and has room", io);
      }
      throw (RuntimeException) e;
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes a rename or a deletion last; Linux lets a directory be opened for that. */
  static void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void discard(Path beside, Exception cause) {
    try {
      Files.deleteIfExists(beside);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
