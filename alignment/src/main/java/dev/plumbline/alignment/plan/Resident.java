package dev.plumbline.alignment.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Peak resident memory of this process on Linux, including mapped files. */
public final class Resident {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");

  private Resident() {}

  /** Resets the peak; without permission, the peak stays that of the whole process. */
  public static void resetPeak() {
    try {
      Files.writeString(RESET, "5");
    } catch (IOException e) {
      // The figure is then an upper bound.
    }
  }

  /** Peak bytes since the reset, or -1 if unknown. */
  public static long peak() {
    return field(STATUS, "VmHWM:");
  }

  /** Memory of the machine in bytes, or -1 if unknown. */
  public static long machine() {
    return field(Path.of("/proc/meminfo"), "MemTotal:");
  }

  private static long field(Path file, String field) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(field)) {
          return Long.parseLong(line.substring(field.length()).replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return -1;
  }
}
