package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.statistics.Correlation;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.PairedComparison;
import dev.plumbline.alignment.statistics.RatioBootstrap;
import dev.plumbline.alignment.statistics.Statistics;
import dev.plumbline.tensor.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The statistics of a study. Questions are the units: a method's figure on a question is its mean
 * over seeds, and every interval is a bootstrap over questions; seeds are reported separately.
 */
public final class StudyStatistics {
  private static final int RESAMPLES = 2000;
  private static final double CONFIDENCE = 0.95;

  private StudyStatistics() {}

  /** Mean over seeds of whether a question is solved, one entry per question. */
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

  /** Mean over questions and seeds of whether a question is solved. */
  static double meanSolved(List<Evaluation> seeds) {
    return Arrays.stream(solved(seeds)).average().orElse(Double.NaN);
  }

  /**
   * Mean of a figure over questions; NaN without any.
   *
   * @param what names the bootstrap's random stream
   */
  public static Interval mean(double[] values, String what) {
    return values.length == 0
        ? new Interval(Double.NaN, Double.NaN, Double.NaN)
        : Statistics.pairedBootstrap(
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

  /** A paired comparison; its p is not corrected for other comparisons. */
  static PairedComparison compare(
      String firstLabel, List<Evaluation> first, String secondLabel, List<Evaluation> second) {
    return PairedComparison.of(
        solved(first), solved(second), RESAMPLES, stream(firstLabel + " to " + secondLabel));
  }

  /** A trained model in a plot of task accuracy over assessment accuracy, where it has both. */
  public static Optional<Scatter.Point> point(String name, Evaluation e) {
    double x = assessment(List.of(e), Evaluation::learned).estimate();
    return Double.isNaN(x)
        ? Optional.empty()
        : Optional.of(new Scatter.Point(name, x, e.accuracy()));
  }

  /** Such a plot with Pearson's correlation; empty with fewer than two models. */
  public static Optional<Scatter> scatter(
      String title, String caption, List<Scatter.Point> points) {
    if (points.size() < 2) {
      return Optional.empty();
    }
    double[] x = points.stream().mapToDouble(Scatter.Point::x).toArray();
    double[] y = points.stream().mapToDouble(Scatter.Point::y).toArray();
    return Optional.of(
        new Scatter(
            title,
            caption,
            "assessment accuracy on training questions, %",
            "accuracy on held-out questions, %",
            Correlation.pearsonInterval(x, y, CONFIDENCE),
            points));
  }

  /** Mean of {@code a - b} over questions or solutions. */
  public static Interval meanDifference(double[] a, double[] b, String what) {
    double[] difference = new double[a.length];
    Arrays.setAll(difference, i -> a[i] - b[i]);
    return mean(difference, what);
  }

  /** A line of a curve: the mean at each value. */
  public static Curve.Line line(String name, List<double[]> byValue, String what) {
    return new Curve.Line(name, byValue.stream().map(values -> mean(values, what)).toList());
  }

  private static RandomStream stream(String what) {
    return RandomStream.of(0, "study " + what);
  }
}
