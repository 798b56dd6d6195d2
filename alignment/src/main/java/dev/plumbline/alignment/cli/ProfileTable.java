package dev.plumbline.alignment.cli;

import dev.plumbline.tensor.kernel.Profile;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;

/** The time of each operation of a run, with {@code PLUMBLINE_PROFILE=1}. */
final class ProfileTable {
  private ProfileTable() {}

  /** Whether the environment asks for it. */
  static boolean wanted() {
    return System.getenv("PLUMBLINE_PROFILE") != null;
  }

  /** Prints calls, seconds and share of each operation, the slowest first; then kinds of work. */
  static void print(PrintWriter out) {
    Map<String, Profile.Cost> operations = Profile.operations();
    double all = operations.values().stream().mapToLong(Profile.Cost::nanoseconds).sum() / 1e9;
    out.printf(Locale.ROOT, "%-32s %10s %10s %7s%n", "operation", "calls", "seconds", "share");
    operations.entrySet().stream()
        .sorted(
            Comparator.comparingLong(
                (Map.Entry<String, Profile.Cost> e) -> -e.getValue().nanoseconds()))
        .forEach(
            e ->
                out.printf(
                    Locale.ROOT,
                    "%-32s %10d %10.3f %6.1f%%%n",
                    e.getKey(),
                    e.getValue().calls(),
                    e.getValue().nanoseconds() / 1e9,
                    100 * e.getValue().nanoseconds() / 1e9 / all));
    for (Profile.Part part : Profile.Part.values()) {
      out.printf(
          Locale.ROOT,
          "%-32s %10s %10.3f  of thread time%n",
          part.name().toLowerCase(Locale.ROOT),
          "",
          Profile.threadNanoseconds(part) / 1e9);
    }
    out.flush();
  }
}
