package dev.plumbline.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The operating system's reason for refusing a file. A reason that the user can remove, such as a
 * full disk or a missing permission, becomes a {@link UserError}; a broken disk does not.
 */
public final class SystemReason {
  private static final List<String> USERS =
      List.of(
          "no space left on device",
          "disk quota exceeded",
          "permission denied",
          "operation not permitted",
          "read-only file system",
          "is a directory",
          "not a directory",
          "no such file or directory",
          "no such device or address",
          "file name too long",
          "file too large",
          "too many levels of symbolic links",
          "too many open files",
          "broken pipe",
          "text file busy");

  private SystemReason() {}

  /** Returns the reason in words, such as "no space left on device". */
  public static String of(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
      return "no such file or directory";
    }
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return "not a directory";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason.toLowerCase(Locale.ROOT);
  }

  /** Returns the reason of a failure that the user can remove; empty for any other failure. */
  public static Optional<String> ofUsers(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof IOException io && isUsers(of(io))) {
        return Optional.of(of(io));
      }
    }
    return Optional.empty();
  }

  private static boolean isUsers(String reason) {
    return USERS.stream().anyMatch(reason::contains);
  }

  /**
   * Builds the error {@code FILE cannot be <done>: <reason>.}, a {@link UserError} if the user can
   * remove the reason, else an {@code UncheckedIOException}.
   */
  public static RuntimeException cannot(String done, Path file, IOException e) {
    String reason = of(e);
    String sentence = file + " cannot be " + done + ": " + reason + ".";
    return isUsers(reason) ? new UserError(sentence, e) : new UncheckedIOException(sentence, e);
  }
}
