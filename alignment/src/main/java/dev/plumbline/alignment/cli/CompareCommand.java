package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.statistics.Holm;
import dev.plumbline.alignment.statistics.PairedComparison;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.tensor.random.RandomStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code plumbline compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares evaluated models with paired tests, each with the first.",
      "Reads the output directories of 'plumbline evaluate' on the same problems. Reports "
          + "the exact McNemar test with Holm's correction over all comparisons, and a paired "
          + "bootstrap interval of the difference in accuracy."
    },
    footer = {"", "Example:", "  ./plumbline compare eval/vft eval/rft eval/aft"})
final class CompareCommand implements Callable<Integer> {
  private static final int RESAMPLES = 10_000;

  @Parameters(
      arity = "2..*",
      paramLabel = "DIR",
      description = "Directories with predictions.jsonl; the first is the baseline.")
  private List<Path> directories;

  @Override
  public Integer call() {
    Map<String, Boolean> first = predictions(directories.get(0));
    double[] a = numbers(first);
    List<PairedComparison> comparisons = new ArrayList<>();
    for (Path other : directories.subList(1, directories.size())) {
      Map<String, Boolean> second = predictions(other);
      if (!second.keySet().equals(first.keySet())) {
        throw new UserError(
            other
                + " has predictions for other problems than "
                + directories.get(0)
                + "; evaluate both with the same data and limit.");
      }
      Map<String, Boolean> inOrder = new LinkedHashMap<>(first);
      inOrder.replaceAll((id, ignored) -> second.get(id));
      comparisons.add(
          PairedComparison.of(a, numbers(inOrder), RESAMPLES, RandomStream.of(0, "compare")));
    }
    double[] holm = Holm.adjust(comparisons.stream().mapToDouble(PairedComparison::p).toArray());
    System.out.printf("baseline %s, %d problems%n", directories.get(0), a.length);
    for (int i = 0; i < holm.length; i++) {
      PairedComparison c = comparisons.get(i);
      System.out.printf(
          Locale.ROOT,
          "%-30s %+.1f points (%+.1f to %+.1f), b %d, c %d, p %.3g, after Holm %.3g%n",
          directories.get(i + 1),
          100 * c.difference().estimate(),
          100 * c.difference().low(),
          100 * c.difference().high(),
          c.onlyFirst(),
          c.onlySecond(),
          c.p(),
          holm[i]);
    }
    return 0;
  }

  /** Whether each problem is solved, by its id. */
  private static Map<String, Boolean> predictions(Path directory) {
    Path file = directory.resolve("predictions.jsonl");
    if (!Files.isRegularFile(file)) {
      throw new UserError(
          directory
              + " holds no predictions.jsonl; make it with 'plumbline evaluate output="
              + directory
              + "'.");
    }
    Map<String, Boolean> solved = new LinkedHashMap<>();
    for (ObjectNode row : Jsonl.read(file)) {
      solved.put(row.path("id").asText(), row.path("correct").asBoolean());
    }
    return solved;
  }

  private static double[] numbers(Map<String, Boolean> solved) {
    return solved.values().stream().mapToDouble(right -> right ? 1 : 0).toArray();
  }
}
