package dev.plumbline.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds the directory {@code shared} beside the checkout; tests that need it are skipped if it is
 * absent.
 */
public final class SharedFolder {
  private SharedFolder() {}

  /** Returns a file of the shared directory; skips the test if it does not exist. */
  public static Path file(String relative) {
    Path folder = find();
    assumeTrue(
        folder != null,
        "Skipped: no directory shared/ with a README.md beside the checkout; "
            + "set -Dplumbline.shared=FOLDER or PLUMBLINE_SHARED to name one.");
    Path file = folder.resolve(relative);
    assumeTrue(Files.exists(file), "Skipped: " + file + " does not exist.");
    return file;
  }

  private static Path find() {
    String named = System.getProperty("plumbline.shared", System.getenv("PLUMBLINE_SHARED"));
    if (named != null) {
      return Path.of(named);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("shared/README.md"))) {
        return at.resolve("shared");
      }
    }
    return null;
  }
}
