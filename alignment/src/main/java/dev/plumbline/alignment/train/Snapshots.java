package dev.plumbline.alignment.train;

import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Models that a run saves during training, in addition to its result.
 *
 * @param count number of evenly spaced snapshots, where the last one is the result itself; 0 = none
 * @param keep maximum number of snapshots to keep, the best by a metric; 0 = all
 * @param by this metric, averaged over the steps since the previous snapshot
 */
public record Snapshots(int count, int keep, String by) {
  /** No snapshots. */
  public static final Snapshots NONE = all(0);

  private static final String PREFIX = "step-";

  /** Keeps all of {@code count} snapshots. */
  public static Snapshots all(int count) {
    return new Snapshots(count, 0, "loss");
  }

  /** Whether a snapshot is due after a step, counted from 0; the result does not count. */
  boolean dueAfter(long step, long steps) {
    return step + 1 < steps && (step + 1) * count / steps > step * count / steps;
  }

  /** Directory of the snapshot after {@code steps} steps. */
  static Path directory(Path output, long steps) {
    return output.resolve("snapshots").resolve(String.format(Locale.ROOT, PREFIX + "%06d", steps));
  }

  /** Refuses a metric that the objective does not have, before the run starts. */
  void check(Objective objective) {
    List<String> names = new ArrayList<>(List.of("loss", "grad_norm", "learning_rate", "epoch"));
    names.addAll(objective.metricNames());
    if (keep > 0 && !names.contains(by)) {
      throw new UserError(
          "keep-by must be a metric of "
              + objective.name()
              + " ("
              + String.join(", ", names)
              + "), but is '"
              + by
              + "'.");
    }
  }

  /**
   * Deletes all but the best snapshots, according to the metrics of the steps so far. Snapshots
   * from after the resume point are ignored, because they will be written again.
   */
  void prune(Path output, List<Map<String, Double>> rows, long steps) throws IOException {
    if (keep == 0) {
      return;
    }
    List<Path> worstFirst;
    try (Stream<Path> all = Files.list(output.resolve("snapshots"))) {
      worstFirst =
          all.filter(p -> p.getFileName().toString().matches(PREFIX + "[0-9]{6,9}"))
              .filter(Files::isDirectory)
              .filter(p -> steps(p) <= rows.size() && steps(p) > 0)
              .filter(p -> dueAfter(steps(p) - 1L, steps))
              .sorted(
                  Comparator.comparingDouble((Path p) -> goodness(p, rows, steps))
                      .thenComparing(Comparator.naturalOrder()))
              .toList();
    }
    for (Path worst : worstFirst.subList(0, Math.max(0, worstFirst.size() - keep))) {
      delete(worst);
    }
  }

  /** Deletes the files of a model, and their directory if it is then empty. */
  private static void delete(Path snapshot) throws IOException {
    boolean others = false;
    try (Stream<Path> files = Files.list(snapshot)) {
      for (Path file : files.toList()) {
        if (Checkpoint.isModelFile(file.getFileName().toString())) {
          Files.delete(file);
        } else {
          others = true;
        }
      }
    }
    if (!others) {
      Files.delete(snapshot);
    }
  }

  private static int steps(Path snapshot) {
    return Integer.parseInt(snapshot.getFileName().toString().substring(PREFIX.length()));
  }

  /** Higher is better; losses and norms are negated. */
  private double goodness(Path snapshot, List<Map<String, Double>> rows, long steps) {
    int to = steps(snapshot);
    long from = to - 1L;
    while (from > 0 && !dueAfter(from - 1, steps)) {
      from--;
    }
    double mean =
        rows.subList((int) from, to).stream()
            .filter(row -> row.containsKey(by)) // a step without a pair has no metrics of pairs
            .mapToDouble(row -> row.get(by))
            .average()
            .orElse(Double.NaN);
    boolean lower = by.startsWith("loss") || by.equals("grad_norm");
    return Double.isNaN(mean) ? Double.NEGATIVE_INFINITY : lower ? -mean : mean;
  }
}
