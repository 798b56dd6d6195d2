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
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Metrics of {@code metrics.jsonl}, averaged over ten equal parts of the run. */
public final class TrainingCurves {
  private static final int TENTHS = 10;

  private TrainingCurves() {}

  /**
   * Two lines per arm, the metric of its chosen and of its rejected responses, each a mean over
   * seeds and steps. A metric that no run of an arm wrote has no line.
   *
   * @param metric such as {@code rewards}, of which {@code rewards/chosen} is written
   * @param chosen the word for chosen responses; {@code rejected} for rejected ones
   * @param text title, caption and label of the vertical axis
   */
  public static Curve curve(
      String metric, String chosen, String rejected, Text text, Collection<Trained> arms)
      throws IOException {
    List<Curve.Line> lines = new ArrayList<>();
    for (Trained arm : arms) {
      line(arm, metric + "/chosen", chosen).ifPresent(lines::add);
      line(arm, metric + "/rejected", rejected).ifPresent(lines::add);
    }
    return new Curve(
        "training",
        text.title(),
        text.caption() + " Each point is the mean of the tenth of the steps that ends there.",
        "share of the training steps",
        text.yLabel(),
        IntStream.rangeClosed(1, TENTHS).mapToObj(t -> 10 * t + " %").toList(),
        lines);
  }

  /** Title, caption and label of the vertical axis. */
  public record Text(String title, String caption, String yLabel) {}

  private static Optional<Curve.Line> line(Trained arm, String metric, String word)
      throws IOException {
    double[] means = means(arm.models(), metric);
    if (Arrays.stream(means).noneMatch(Double::isFinite)) {
      return Optional.empty();
    }
    return Optional.of(
        new Curve.Line(
            arm.label() + ", " + word,
            Arrays.stream(means)
                .mapToObj(mean -> new Interval(mean, Double.NaN, Double.NaN))
                .toList()));
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
