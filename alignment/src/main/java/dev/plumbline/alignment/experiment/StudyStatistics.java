package dev.plumbline.alignment.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.statistics.Correlation;
import dev.plumbline.alignment.statistics.Holm;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.PairedComparison;
import dev.plumbline.alignment.statistics.RatioBootstrap;
import dev.plumbline.alignment.statistics.Statistics;
import dev.plumbline.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The statistics of a study. Questions are the units: a method's figure on a question is its mean
 * over seeds, and every interval comes from drawing questions; seeds are reported apart.
 */
public final class StudyStatistics {
  private static final int RESAMPLES = 2000;
  private static final double CONFIDENCE = 0.95;

  private StudyStatistics() {}

  /** Mean over seeds of whether a question is solved, one entry a question. */
  public static double[] solved(List<Evaluation> seeds) {
    double[] mean = new double[seeds.get(0).answers().size()];
    for (Evaluation seed : seeds) {
      double[] solved = seed.solved();
      for (int q = 0; q < mean.length; q++) {
        mean[q] += solved[q] / seeds.size();
      }
    }
    return mean;
  }

  /** Mean of a figure over questions. */
  public static Interval mean(double[] values, String what) {
    return Statistics.pairedBootstrap(
        new double[values.length], values, RESAMPLES, CONFIDENCE, stream(what));
  }

  /** Accuracy of greedy answers. */
  public static Interval accuracy(List<Evaluation> seeds) {
    return mean(solved(seeds), "accuracy");
  }

  /** Assessment accuracy (micro) over all seeds. */
  public static Interval assessment(List<Evaluation> seeds, Function<Evaluation, Assessment> of) {
    if (of.apply(seeds.get(0)).pairs().length == 0) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN);
    }
    return RatioBootstrap.ratio(
        sum(seeds, of, Assessment::won),
        sum(seeds, of, Assessment::pairs),
        RESAMPLES,
        CONFIDENCE,
        stream("assessment"));
  }

  /** Assessment accuracy of {@code second} less that of {@code first}, on the same questions. */
  public static Interval assessmentDifference(
      List<Evaluation> first, List<Evaluation> second, Function<Evaluation, Assessment> of) {
    return RatioBootstrap.difference(
        sum(second, of, Assessment::won),
        sum(second, of, Assessment::pairs),
        sum(first, of, Assessment::won),
        sum(first, of, Assessment::pairs),
        RESAMPLES,
        CONFIDENCE,
        stream("assessment"));
  }

  private static double[] sum(
      List<Evaluation> seeds,
      Function<Evaluation, Assessment> of,
      Function<Assessment, int[]> counts) {
    double[] sum = new double[counts.apply(of.apply(seeds.get(0))).length];
    for (Evaluation seed : seeds) {
      int[] own = counts.apply(of.apply(seed));
      Arrays.setAll(sum, q -> sum[q] + own[q]);
    }
    return sum;
  }

  /** A paired comparison, not yet corrected for the others. */
  public static Study.Comparison compare(
      String firstName, List<Evaluation> first, String secondName, List<Evaluation> second) {
    PairedComparison c =
        PairedComparison.of(
            solved(first), solved(second), RESAMPLES, stream(firstName + " to " + secondName));
    return new Study.Comparison(
        firstName, secondName, c.onlyFirst(), c.onlySecond(), c.p(), c.p(), c.difference());
  }

  /** The same comparisons with Holm's correction over all of them. */
  public static List<Study.Comparison> holm(List<Study.Comparison> all) {
    double[] adjusted = Holm.adjust(all.stream().mapToDouble(Study.Comparison::p).toArray());
    List<Study.Comparison> corrected = new ArrayList<>();
    for (int i = 0; i < adjusted.length; i++) {
      Study.Comparison c = all.get(i);
      corrected.add(
          new Study.Comparison(
              c.first(),
              c.second(),
              c.onlyFirst(),
              c.onlySecond(),
              c.p(),
              adjusted[i],
              c.difference()));
    }
    return corrected;
  }

  /** A trained model in a plot of task accuracy over assessment accuracy, where it has both. */
  public static Optional<Study.Point> point(String name, Evaluation e) {
    double x = assessment(List.of(e), Evaluation::learned).estimate();
    return Double.isNaN(x) ? Optional.empty() : Optional.of(new Study.Point(name, x, e.accuracy()));
  }

  /** Such a plot with Pearson's correlation, or null with fewer than two models. */
  public static Study.Scatter scatter(String title, String caption, List<Study.Point> points) {
    if (points.size() < 2) {
      return null;
    }
    double[] x = points.stream().mapToDouble(Study.Point::x).toArray();
    double[] y = points.stream().mapToDouble(Study.Point::y).toArray();
    return new Study.Scatter(
        title,
        caption,
        "assessment accuracy on training questions, %",
        "accuracy on held-out questions, %",
        Correlation.pearsonInterval(x, y, CONFIDENCE),
        points);
  }

  /** A method's row of a table, with its trained models, one a seed. */
  public static Study.Arm arm(
      String name, List<Evaluation> own, String description, List<Long> seeds, List<Path> models) {
    List<Study.Seed> runs = new ArrayList<>();
    for (int s = 0; s < models.size(); s++) {
      JsonNode trained = RunFiles.readJson(models.get(s).resolve("result.json"));
      runs.add(
          new Study.Seed(
              seeds.get(s),
              own.get(s).accuracy(),
              trained.path("wall_seconds").asDouble(),
              trained.path("last_loss").asDouble()));
    }
    return new Study.Arm(
        name,
        description,
        runs,
        accuracy(own),
        assessment(own, Evaluation::learned),
        assessment(own, Evaluation::heldOut),
        own.stream().mapToDouble(Evaluation::perplexity).average().orElse(Double.NaN),
        own.stream().mapToDouble(Evaluation::repetitionRate).average().orElse(Double.NaN));
  }

  private static RandomStream stream(String what) {
    return RandomStream.of(0, "study " + what);
  }
}
