package dev.plumbline.alignment.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.data.io.Jsonl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Training metrics, tenth by tenth of the steps: means of what every run wrote into its {@code
 * metrics.jsonl}.
 *
 * @param metrics names of metrics, each with the word that a line is called by
 */
public record TrainingCurves(Map<String, String> metrics) {
  private static final int TENTHS = 10;

  /**
   * One line per arm and metric, a mean over seeds and steps. A metric that no run of an arm wrote
   * has no line.
   *
   * @param models the models of the arms, one per seed
   */
  public Curve curve(
      String id, String title, String caption, String yLabel, Map<String, List<Path>> models)
      throws IOException {
    List<Curve.Line> lines = new ArrayList<>();
    for (Map.Entry<String, List<Path>> arm : models.entrySet()) {
      for (Map.Entry<String, String> metric : metrics.entrySet()) {
        double[] means = means(arm.getValue(), metric.getKey());
        if (Arrays.stream(means).anyMatch(Double::isFinite)) {
          lines.add(
              new Curve.Line(
                  arm.getKey() + ", " + metric.getValue(),
                  Arrays.stream(means)
                      .mapToObj(mean -> new Interval(mean, Double.NaN, Double.NaN))
                      .toList()));
        }
      }
    }
    return new Curve(
        id,
        title,
        caption + " Each point is the mean of the tenth of the steps that ends there.",
        "share of the training steps",
        yLabel,
        IntStream.rangeClosed(1, TENTHS).mapToObj(t -> 10 * t + " %").toList(),
        lines);
  }

  /** The loss of every step of a run. */
  public static double[] losses(Path model) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(model.resolve("metrics.jsonl"), StandardCharsets.UTF_8)) {
      losses.add(Jsonl.mapper().readTree(line).path("loss").asDouble());
    }
    return losses.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] means(List<Path> models, String metric) throws IOException {
    double[] sums = new double[TENTHS];
    int[] counts = new int[TENTHS];
    for (Path model : models) {
      List<String> steps =
          Files.readAllLines(model.resolve("metrics.jsonl"), StandardCharsets.UTF_8);
      for (int i = 0; i < steps.size(); i++) {
        JsonNode value = Jsonl.mapper().readTree(steps.get(i)).path(metric);
        if (value.isNumber()) {
          int tenth = i * TENTHS / steps.size();
          sums[tenth] += value.doubleValue();
          counts[tenth]++;
        }
      }
    }
    double[] means = new double[TENTHS];
    Arrays.setAll(means, t -> counts[t] == 0 ? Double.NaN : sums[t] / counts[t]);
    return means;
  }
}
