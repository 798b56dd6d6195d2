package dev.plumbline.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Optional;

/** Why the system refused a file, in words: the JDK's messages are often the path alone. */
public final class FileReason {
  private FileReason() {}

  /** The reason with the file it is about, such as {@code permission denied: /data/x.jsonl}. */
  public static String of(IOException e) {
    String reason = word(e);
    boolean named = e instanceof FileSystemException file && file.getFile() != null;
    return named ? reason + ": " + ((FileSystemException) e).getFile() : reason;
  }

  private static String word(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "a file is in the way";
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    }
    String text = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    if (text == null || text.isBlank()) {
      return e.getClass().getSimpleName();
    }
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  /**
   * The reason of a failure that lies with the user's files or disk: a missing or forbidden file, a
   * full or read-only disk; empty for any other failure.
   */
  public static Optional<String> ofUsers(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof IOException io) {
        String text = String.valueOf(io.getMessage());
        boolean users =
            io instanceof FileSystemException
                || io instanceof java.io.FileNotFoundException
                || text.contains("No space left")
                || text.contains("Disk quota exceeded")
                || text.contains("File too large")
                || text.contains("Read-only file system")
                || text.contains("Broken pipe")
                || text.contains("Input/output error");
        if (users) {
          return Optional.of(of(io));
        }
      }
    }
    return Optional.empty();
  }
}
