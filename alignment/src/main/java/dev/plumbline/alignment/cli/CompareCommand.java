package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
      "Reads the output directories of 'plumbline evaluate' on the same problems. Several seeds of one method are one "
          + "argument, joined by commas. Decides as the reports of experiments do: a t test whose standard error covers "
          + "questions and seeds, Holm's correction over all comparisons, and an equivalence test for 1 point."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline compare eval/vft eval/rft eval/aft",
      "  ./plumbline compare eval/vft-0,eval/vft-1 eval/aft-0,eval/aft-1"
    })
final class CompareCommand implements Callable<Integer> {
  @Parameters(
      arity = "2..*",
      paramLabel = "DIR[,DIR...]",
      description =
          "Directories with predictions.jsonl, one per seed; the first argument is the baseline.")
  private List<String> methods;

  @Override
  public Integer call() {
    List<Map<String, Boolean>> first = seeds(methods.get(0));
    List<String> ids = List.copyOf(first.get(0).keySet());
    double[][] baseline = solved(first, ids, methods.get(0));
    List<Clustered> differences = new ArrayList<>();
    for (String method : methods.subList(1, methods.size())) {
      double[][] other = solved(seeds(method), ids, method);
      if (other.length != baseline.length && Math.min(other.length, baseline.length) > 1) {
        throw new UserError(
            method
                + " has "
                + other.length
                + " seeds and "
                + methods.get(0)
                + " has "
                + baseline.length
                + "; give the same number, or a single one.");
      }
      differences.add(Clustered.difference(baseline, other));
    }
    System.out.printf("baseline %s, %d problems%n", methods.get(0), ids.size());
    List<Study.Tested> tested = DecisionRule.decide(differences, new int[0]);
    for (int i = 0; i < tested.size(); i++) {
      System.out.printf(
          "%s: %s%n",
          tested.get(i).outcome().words(),
          DecisionRule.sentence(methods.get(0), methods.get(i + 1), "accuracy", tested.get(i)));
    }
    return 0;
  }

  /** The predictions of a method, one map per seed. */
  private static List<Map<String, Boolean>> seeds(String method) {
    List<Map<String, Boolean>> seeds = new ArrayList<>();
    for (String directory : method.split(",", -1)) {
      seeds.add(predictions(Path.of(directory)));
    }
    return seeds;
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

  /** [seed][problem], 1 for each solved problem in the order of the ids, else 0. */
  private double[][] solved(List<Map<String, Boolean>> seeds, List<String> ids, String method) {
    double[][] solved = new double[seeds.size()][];
    for (int s = 0; s < solved.length; s++) {
      Map<String, Boolean> own = seeds.get(s);
      if (own.size() != ids.size() || !own.keySet().containsAll(ids)) {
        throw new UserError(
            method
                + " has predictions for other problems than "
                + methods.get(0)
                + "; evaluate both with the same data and limit.");
      }
      solved[s] = ids.stream().mapToDouble(id -> own.get(id) ? 1 : 0).toArray();
    }
    return solved;
  }
}
