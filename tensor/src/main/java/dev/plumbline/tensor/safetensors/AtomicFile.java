package dev.plumbline.tensor.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces a file as a whole: a crash leaves the old one or the new one, never a part. A symbolic
 * link stays, and its target is replaced. A file that is not regular, such as a pipe, is written
 * directly.
 */
public final class AtomicFile {
  private static final AtomicLong COUNT = new AtomicLong();
  private static final int MAX_LINKS = 40; // as Linux has it

  private AtomicFile() {}

  /** Writes to an open channel. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Replaces a file by these bytes. */
  public static void write(Path file, byte[] content) {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(content)));
  }

  /**
   * Writes {@code NAME.PID-N.tmp} beside the file, forces it to disk, renames it over the file and
   * forces the directory. On any failure the temporary file is removed and the old file stays.
   */
  static void write(Path file, Content content) {
    Path beside = null;
    try {
      Path real = followed(file.toAbsolutePath());
      if (isOpenFile(real)
          || (Files.exists(real) && !Files.isRegularFile(real) && !Files.isDirectory(real))) {
        try (FileChannel channel =
            FileChannel.open(real, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
          content.writeTo(channel);
        }
        return;
      }
      discardLeftovers(real);
      beside =
          real.resolveSibling(
              real.getFileName()
                  + "."
                  + ProcessHandle.current().pid()
                  + "-"
                  + COUNT.incrementAndGet()
                  + ".tmp");
      try (FileChannel channel =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      forceDirectory(real.getParent());
    } catch (IOException | RuntimeException e) {
      if (beside != null) {
        discard(beside, e);
      }
      if (e instanceof IOException io) {
        throw new SafetensorsException(
            "The safetensors file " + file + " cannot be written: " + reason(io) + ".", io);
      }
      throw (RuntimeException) e;
    }
  }

  /** The target of a chain of links, which need not exist, or an open file of a process. */
  private static Path followed(Path path) throws IOException {
    Path at = path;
    for (int i = 0; i < MAX_LINKS; i++) {
      if (at.getParent() != null && Files.exists(at.getParent())) {
        at = at.getParent().toRealPath().resolve(at.getFileName()); // /dev/fd is a link itself
      }
      if (isOpenFile(at) || !Files.isSymbolicLink(at)) {
        return at;
      }
      at = at.resolveSibling(Files.readSymbolicLink(at)).normalize();
    }
    throw new IOException("too many levels of symbolic links");
  }

  /**
   * Whether this is a file that a process has open, as {@code /dev/stdout} is by its link. It is
   * written to directly even where it is a regular file: a rename would put another in its place.
   */
  private static boolean isOpenFile(Path path) {
    return path.startsWith("/proc");
  }

  /** Removes temporary files of the same file that killed processes of this machine left. */
  private static void discardLeftovers(Path real) throws IOException {
    Pattern left =
        Pattern.compile(Pattern.quote(real.getFileName() + ".") + "([0-9]{1,9})-[0-9]+\\.tmp");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(real.getParent())) {
      for (Path file : files) {
        Matcher name = left.matcher(file.getFileName().toString());
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** The system's reason in words, such as "no space left on device". */
  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.toString() : reason.toLowerCase(Locale.ROOT);
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Forces a rename or a deletion to disk; Linux allows opening a directory for this. */
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
