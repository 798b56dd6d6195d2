package dev.plumbline.alignment.cli.option;

import dev.plumbline.data.UserError;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the log-probabilities of the reference model are cached. */
public final class ReferenceCacheOption {
  @Option(
      names = "--reference-cache",
      paramLabel = "DIR",
      description =
          "Directory that caches the log-probabilities of the reference for later runs; off = no cache (default: plumbline/reference in $XDG_CACHE_HOME or ~/.cache).")
  private String value;

  /** The directory, or null for none. */
  public Path directory() {
    return directory(value, System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
  }

  /** The directory of an option value; an unset or relative XDG_CACHE_HOME is ignored. */
  public static Path directory(String value, String cacheHome, String home) {
    if (value == null) {
      boolean set = cacheHome != null && Path.of(cacheHome).isAbsolute();
      if (!set && !Path.of(home).isAbsolute()) {
        return null; // a user without a home, as in some containers
      }
      Path caches = set ? Path.of(cacheHome) : Path.of(home, ".cache");
      return caches.resolve("plumbline").resolve("reference");
    }
    if (value.isBlank()) {
      throw new UserError("reference-cache is empty; give a directory, or off.");
    }
    boolean off = value.equalsIgnoreCase("off") || value.equals("false"); // YAML reads off as false
    return off ? null : Path.of(value);
  }

  /** Prints how many rows came from the cache. */
  public static void report(int rows, int cached) {
    System.err.println("reference: " + rows + " rows, " + cached + " from the cache");
  }
}
