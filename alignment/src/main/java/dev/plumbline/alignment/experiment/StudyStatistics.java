package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Correlation;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Ratio;
import dev.plumbline.alignment.statistics.Wilson;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The statistics of a study. Questions and seeds are both samples: every interval and every test of
 * a difference is that of {@link Clustered}.
 */
public final class StudyStatistics {
  private static final double CONFIDENCE = 0.95;

  private StudyStatistics() {}

  /** Mean over questions and seeds of whether a question is solved. */
  static double meanSolved(List<Evaluation> seeds) {
    return accuracy(seeds).estimate();
  }

  /** Mean of a share over questions; NaN without any. */
  public static Interval mean(double[] values) {
    return Clustered.of(values).interval();
  }

  /** Mean of {@code a - b} over questions or solutions, which are those of a single run. */
  public static Clustered meanDifference(double[] a, double[] b) {
    return Clustered.difference(new double[][] {b}, new double[][] {a});
  }

  /** Accuracy of greedy answers. */
  public static Interval accuracy(List<Evaluation> seeds) {
    return accuracy(seeds, Measure.GREEDY);
  }

  /** Accuracy by a measure; NaN where it was not measured. */
  static Interval accuracy(List<Evaluation> seeds, Measure measure) {
    return share(Clustered.of(figures(seeds, measure)));
  }

  /** A paired comparison; its p is not corrected for other comparisons. */
  static Clustered compare(List<Evaluation> first, List<Evaluation> second, Measure measure) {
    return Clustered.difference(figures(first, measure), figures(second, measure));
  }

  /** [seed][question] */
  private static double[][] figures(List<Evaluation> seeds, Measure measure) {
    return seeds.stream().map(measure::of).toArray(double[][]::new);
  }

  /** Assessment accuracy (micro) over all seeds. */
  public static Interval assessment(List<Evaluation> seeds, Function<Evaluation, Assessment> of) {
    return share(ratio(seeds, of).mean());
  }

  /** Assessment accuracy (micro) of one model. */
  public static Interval assessment(Assessment one) {
    return share(ratio(List.of(one)).mean());
  }

  /** Assessment accuracy of {@code second} less that of {@code first}, on the same questions. */
  public static Clustered assessmentDifference(
      List<Evaluation> first, List<Evaluation> second, Function<Evaluation, Assessment> of) {
    return Ratio.difference(ratio(first, of), ratio(second, of));
  }

  /** Won pairs over all pairs. */
  private static Ratio ratio(List<Evaluation> seeds, Function<Evaluation, Assessment> of) {
    return ratio(seeds.stream().map(of).toList());
  }

  private static Ratio ratio(List<Assessment> all) {
    return new Ratio(
        all.stream().map(a -> doubles(a.won())).toArray(double[][]::new),
        all.stream().map(a -> doubles(a.pairs())).toArray(double[][]::new));
  }

  private static double[] doubles(int[] counts) {
    return Arrays.stream(counts).asDoubleStream().toArray();
  }

  /** The interval of a share ends at 0 and 1. Where all or none are solved it is Wilson's. */
  private static Interval share(Clustered share) {
    Interval i = share.interval();
    boolean certain = i.low() == i.high() && (i.estimate() == 0 || i.estimate() == 1);
    return certain
        ? Wilson.interval((int) i.estimate() * share.questions(), share.questions(), CONFIDENCE)
        : new Interval(i.estimate(), Math.max(0, i.low()), Math.min(1, i.high()));
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

  /** A line of a curve: the mean at each value. */
  public static Curve.Line line(String name, List<double[]> byValue) {
    return new Curve.Line(name, byValue.stream().map(StudyStatistics::mean).toList());
  }
}
