package dev.plumbline.data.io;

import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An output file that appears complete or not at all: bytes go to {@code NAME.PID-N.tmp} in the
 * same directory; {@link #commit} forces it to disk, renames it over the target and forces the
 * directory. Closing without a commit removes the temporary file and leaves an older target
 * unchanged. All complete files of Plumbline are written through this class.
 *
 * <p>A symbolic link stays, and its target is replaced. A file that is not regular, such as {@code
 * /dev/stdout} or a pipe, is written directly. {@link SystemReason} words the errors of the
 * operating system.
 */
public final class AtomicFile implements AutoCloseable {
  private static final AtomicLong COUNT = new AtomicLong();
  private static final int MAX_LINKS = 40; // the limit of Linux

  private final Path target;
  private final Path temporary; // null if the target is written directly
  private final FileChannel channel;
  private final OutputStream out;
  private boolean finished;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.out = new BufferedOutputStream(new Named(Channels.newOutputStream(channel)), 1 << 16);
  }

  /** Writes the content of a file. */
  public interface Content {
    /** Writes everything to the channel. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Replaces a file by these bytes.
   *
   * @throws UserError when the operating system refuses and the user can remove the reason
   */
  public static void write(Path target, byte[] bytes) {
    write(target, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Replaces a file; after any failure the old file is unchanged.
   *
   * @throws UserError when the operating system refuses and the user can remove the reason
   */
  public static void write(Path target, Content content) {
    try (AtomicFile file = create(target)) {
      content.writeTo(file.channel);
      file.commit();
    } catch (IOException e) {
      throw SystemReason.cannot("written", target, e);
    }
  }

  /** Writes what remains in a buffer. */
  public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Forces a rename or a deletion to disk; Linux allows opening a directory for this. */
  public static void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Opens a temporary file beside {@code target}; creates the directory if it is missing.
   *
   * @throws UserError when the target is a directory or cannot be written
   */
  public static AtomicFile create(Path target) throws IOException {
    try {
      Path real = place(target);
      if (isDirect(real)) {
        return new AtomicFile(real, null, direct(real));
      }
      Files.createDirectories(real.getParent());
      discardLeftovers(real);
      Path temporary =
          real.resolveSibling(
              real.getFileName()
                  + "."
                  + ProcessHandle.current().pid()
                  + "-"
                  + COUNT.incrementAndGet()
                  + ".tmp");
      FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new AtomicFile(real, temporary, channel);
    } catch (IOException e) {
      throw SystemReason.cannot("written", target, e);
    }
  }

  /**
   * Follows links and returns the regular file, existing or not, that an output of this name
   * replaces; empty for a device, a pipe or an open file, which are written directly.
   *
   * @throws UserError when it is a directory, or a device that cannot be written
   */
  public static Optional<Path> replaced(Path target) {
    try {
      Path real = place(target);
      if (!isDirect(real)) {
        return Optional.of(real);
      }
      if (!Files.exists(real)) {
        throw new NoSuchFileException(target.toString());
      }
      if (!Files.isWritable(real)) {
        throw new AccessDeniedException(target.toString());
      }
      return Optional.empty();
    } catch (IOException e) {
      throw SystemReason.cannot("written", target, e);
    }
  }

  private static Path place(Path target) throws IOException {
    Path real = followed(target.toAbsolutePath());
    if (Files.isDirectory(real)) {
      throw new UserError(
          target + " is a directory, so no file can be written there; name a file.");
    }
    return real;
  }

  private static boolean isDirect(Path real) {
    return isOpenFile(real) || (Files.exists(real) && !Files.isRegularFile(real));
  }

  /** Appends to an existing file; standard output continues at its current position. */
  private static FileChannel direct(Path real) throws IOException {
    if (!isStandard(real)) {
      return FileChannel.open(real, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }
    System.out.flush();
    boolean error = real.getFileName().toString().equals("2");
    return new FileOutputStream(error ? FileDescriptor.err : FileDescriptor.out).getChannel();
  }

  /** Whether it is the standard output or error output of this process, which stays open. */
  private static boolean isStandard(Path real) {
    Path own = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd");
    return real.equals(own.resolve("1")) || real.equals(own.resolve("2"));
  }

  /**
   * Follows a chain of links to its target, which need not exist, or to an open file of a process.
   */
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
   * Whether a process has this file open, as {@code /dev/stdout} does through its link. Such a file
   * is written directly even if it is regular, because a rename would replace it by another file.
   */
  private static boolean isOpenFile(Path path) {
    return path.startsWith("/proc");
  }

  /**
   * Removes temporary files of the same target that killed processes of this machine left behind.
   */
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

  /** The buffered stream into the temporary file; {@link #commit} flushes it. */
  public OutputStream stream() {
    return out;
  }

  /**
   * Makes the file visible under its own name.
   *
   * @throws UserError when the operating system refuses and the user can remove the reason
   */
  public void commit() throws IOException {
    out.flush();
    try {
      if (temporary != null) {
        // Without the force, a crash shortly after the rename can leave an empty file under the
        // final name.
        channel.force(true);
      }
      if (!isStandard(target)) {
        channel.close();
      }
      if (temporary != null) {
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceDirectory(target.getParent());
      }
    } catch (IOException e) {
      throw SystemReason.cannot("written", target, e);
    }
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      finished = true;
      if (!isStandard(target)) {
        channel.close();
      }
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  /** Adds the file and the reason to the error of a failed write. */
  private final class Named extends OutputStream {
    private final OutputStream to;

    Named(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        to.write(bytes, from, length);
      } catch (IOException e) {
        throw SystemReason.cannot("written", target, e);
      }
    }
  }
}
