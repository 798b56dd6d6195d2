package dev.plumbline.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds the folder {@code shared} beside the checkout; tests that need it are skipped where it is
 * absent.
 */
public final class SharedFolder {
  private SharedFolder() {}

  /** The file {@code relative} of the shared folder, or a skipped test. */
  public static Path file(String relative) {
    Path folder = find();
    assumeTrue(
        folder != null,
        "Skipped: no folder shared/ with a README.md beside the checkout; "
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
