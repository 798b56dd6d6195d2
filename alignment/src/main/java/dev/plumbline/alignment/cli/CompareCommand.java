package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Ratio;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
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
      "Reads the output directories of 'plumbline evaluate' on the same problems and candidates, and compares accuracy and"
          + " assessment accuracy, as far as all have them. Several seeds of one method are one "
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
  private static final String PREDICTIONS = "predictions.jsonl";
  private static final String ASSESSMENT = "assessment.jsonl";

  @Parameters(
      arity = "2..*",
      paramLabel = "DIR[,DIR...]",
      description =
          "Directories with predictions.jsonl or assessment.jsonl, one per seed; the first argument is the baseline.")
  private List<String> methods;

  /** What the methods are compared by. */
  private record Compared(String measure, String units, List<Clustered> differences) {}

  @Override
  public Integer call() {
    List<Compared> compared = new ArrayList<>();
    if (has(PREDICTIONS)) {
      compared.add(accuracy());
    }
    if (has(ASSESSMENT)) {
      compared.add(assessment());
    }
    if (compared.isEmpty()) {
      throw new UserError(
          "Nothing to compare: "
              + String.join(", ", methods)
              + " do not all hold predictions.jsonl, nor assessment.jsonl; make them with 'plumbline evaluate output=DIR' and the same"
              + " data= or candidates=.");
    }
    System.out.printf(
        "baseline %s, %s%n",
        methods.get(0), String.join(", ", compared.stream().map(Compared::units).toList()));
    List<Study.Tested> tested =
        DecisionRule.decide(
            compared.stream().flatMap(c -> c.differences().stream()).toList(), new int[0]);
    Iterator<Study.Tested> next = tested.iterator();
    for (Compared own : compared) {
      for (String method : methods.subList(1, methods.size())) {
        Study.Tested t = next.next();
        System.out.printf(
            "%s: %s%n",
            t.outcome().words(), DecisionRule.sentence(methods.get(0), method, own.measure(), t));
      }
    }
    return 0;
  }

  private Compared accuracy() {
    List<String> ids = List.copyOf(predictions(directories(methods.get(0)).get(0)).keySet());
    List<double[][]> solved = new ArrayList<>();
    for (String method : methods) {
      solved.add(
          directories(method).stream()
              .map(directory -> solved(predictions(directory), ids, method))
              .toArray(double[][]::new));
    }
    sameSeeds();
    return new Compared(
        "accuracy",
        ids.size() + " problems",
        solved.stream().skip(1).map(own -> Clustered.difference(solved.get(0), own)).toList());
  }

  private Compared assessment() {
    List<Ratio> ratios = new ArrayList<>();
    for (String method : methods) {
      List<List<ObjectNode>> seeds =
          directories(method).stream().map(d -> Jsonl.read(d.resolve(ASSESSMENT))).toList();
      ratios.add(new Ratio(counts(seeds, "won"), counts(seeds, "pairs")));
      for (double[] pairs : ratios.get(ratios.size() - 1).below()) {
        if (!Arrays.equals(ratios.get(0).below()[0], pairs)) {
          throw others(method, "an assessment of other candidates", "candidates");
        }
      }
    }
    sameSeeds();
    double pairs = Arrays.stream(ratios.get(0).below()[0]).sum();
    return new Compared(
        "assessment accuracy",
        String.format(Locale.ROOT, "%.0f pairs of candidates", pairs),
        ratios.stream().skip(1).map(own -> Ratio.difference(ratios.get(0), own)).toList());
  }

  private static double[][] counts(List<List<ObjectNode>> seeds, String field) {
    return seeds.stream()
        .map(rows -> rows.stream().mapToDouble(row -> row.path(field).asDouble()).toArray())
        .toArray(double[][]::new);
  }

  private static List<Path> directories(String method) {
    return Arrays.stream(method.split(",", -1)).map(Path::of).toList();
  }

  /** Whether all directories hold a file. */
  private boolean has(String file) {
    return methods.stream()
        .flatMap(method -> directories(method).stream())
        .allMatch(directory -> Files.isRegularFile(directory.resolve(file)));
  }

  private void sameSeeds() {
    int baseline = directories(methods.get(0)).size();
    for (String method : methods) {
      int own = directories(method).size();
      if (own != baseline && Math.min(own, baseline) > 1) {
        throw new UserError(
            method
                + " has "
                + own
                + " seeds and "
                + methods.get(0)
                + " has "
                + baseline
                + "; give the same number, or a single one.");
      }
    }
  }

  /** Whether each problem is solved, by its id. */
  private static Map<String, Boolean> predictions(Path directory) {
    Map<String, Boolean> solved = new LinkedHashMap<>();
    for (ObjectNode row : Jsonl.read(directory.resolve(PREDICTIONS))) {
      solved.put(row.path("id").asText(), row.path("correct").asBoolean());
    }
    return solved;
  }

  /** 1 for each solved problem in the order of the ids, else 0. */
  private double[] solved(Map<String, Boolean> own, List<String> ids, String method) {
    if (own.size() != ids.size() || !own.keySet().containsAll(ids)) {
      throw others(method, "predictions for other problems", "data and limit");
    }
    return ids.stream().mapToDouble(id -> own.get(id) ? 1 : 0).toArray();
  }

  private UserError others(String method, String what, String options) {
    return new UserError(
        method
            + " has "
            + what
            + " than "
            + methods.get(0)
            + "; evaluate both with the same "
            + options
            + ".");
  }
}
