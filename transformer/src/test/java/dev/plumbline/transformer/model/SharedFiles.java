package dev.plumbline.transformer.model;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds the workspace's shared material beside the checkout, or skips the test. */
public final class SharedFiles {
  private SharedFiles() {}

  /** A file or folder under shared; the test is skipped, and says so, where it is absent. */
  public static Path get(String relative) {
    String named = System.getenv("PLUMBLINE_SHARED");
    if (named != null && Files.exists(Path.of(named, relative))) {
      return Path.of(named, relative);
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path candidate = p.resolveSibling("shared").resolve(relative);
      if (p.getParent() != null && Files.exists(candidate)) {
        return candidate;
      }
    }
    Assumptions.abort("Skipped: shared/" + relative + " is not beside this checkout.");
    throw new AssertionError();
  }
}
