package dev.plumbline.alignment.report.chart;

import static dev.plumbline.alignment.report.chart.Plot.n;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Histogram;
import java.util.Arrays;
import java.util.List;

/**
 * The scores of right and of wrong candidates, and of reference solutions where there are any, one
 * small drawing per model, all on the same bins and axes. Heights are shares of the series, since
 * there are rarely as many right candidates as wrong ones.
 *
 * @param scores horizontal axis
 * @param shares vertical axis, in percent
 * @param reference whether any model has scores of reference solutions
 */
public record ScoreHistogram(Axis scores, Axis shares, boolean reference) {
  private static final int BINS = 40;
  private static final double TAIL = 0.005;
  private static final double LABEL = 16; // height of a line of text

  /**
   * Axes that fit all models. The outermost half percent at each end may lie outside: a single
   * score must not flatten the rest.
   */
  public static ScoreHistogram of(List<Scores> models) {
    double[] all =
        models.stream()
            .flatMap(model -> series(model).stream())
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    Axis scores =
        all.length == 0
            ? Axis.of(0, 1, 5)
            : Axis.of(
                all[(int) (TAIL * (all.length - 1))],
                all[(int) Math.ceil((1 - TAIL) * (all.length - 1))],
                5);
    double highest = 0;
    for (Scores model : models) {
      for (double[] values : series(model)) {
        for (double share : shares(count(values, scores))) {
          highest = Math.max(highest, 100 * share);
        }
      }
    }
    return new ScoreHistogram(
        scores,
        Axis.of(0, highest > 0 ? highest : 1, 4),
        models.stream().anyMatch(model -> model.reference().length > 0));
  }

  /** All scores of a model. */
  public static List<double[]> series(Scores model) {
    return List.of(model.positive(), model.negative(), model.reference());
  }

  /** Scores per bin; scores beyond the axis are in {@code below} and {@code above}. */
  public Histogram count(double[] values) {
    return count(values, scores);
  }

  private static Histogram count(double[] values, Axis axis) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    return Histogram.of(
        finite, axis.low(), axis.high(), axis.intervals() * (BINS / axis.intervals()));
  }

  /**
   * Share of the series in each bin; the outermost bins take in what lies beyond them, so that the
   * shares add up to 1.
   */
  public static double[] shares(Histogram histogram) {
    double[] shares = histogram.counts().stream().mapToDouble(Long::doubleValue).toArray();
    shares[0] += histogram.below();
    shares[shares.length - 1] += histogram.above();
    double total = Arrays.stream(shares).sum();
    Arrays.setAll(shares, i -> total == 0 ? 0 : shares[i] / total);
    return shares;
  }

  /** Draws one model. */
  public void draw(Html html, String id, Scores model) {
    Plot plot = new Plot(40, reference ? 64 + LABEL : 64, 348, reference ? 214 + LABEL : 214);
    Plot.open(
        html,
        id,
        360,
        plot.bottom() + 50,
        "Scores of " + model.name(),
        "Right candidates: "
            + describe(model.positive())
            + ". Wrong candidates: "
            + describe(model.negative())
            + (reference ? ". Reference solutions: " + describe(model.reference()) : "")
            + ".");
    plot.vertical(html, shares, "% of its series");
    if (reference) {
      outline(html, plot, "reference", model.reference(), 34 + 2 * LABEL);
    }
    outline(html, plot, "wrong", model.negative(), 34 + LABEL);
    outline(html, plot, "right", model.positive(), 34);
    if (reference) {
      label(html, plot, "reference", model.reference(), 34 + 2 * LABEL);
    }
    label(html, plot, "wrong", model.negative(), 34 + LABEL);
    label(html, plot, "right", model.positive(), 34);
    plot.horizontal(html, scores, "score s: mean log-probability of a token");
    html.close();
  }

  private static String describe(double[] values) {
    return values.length + ", mean " + Numbers.decimal(Numbers.mean(values), 3);
  }

  /** A series with a line at its mean that reaches up to its label. */
  private void outline(Html html, Plot plot, String name, double[] values, double labelY) {
    StringBuilder path = new StringBuilder("M" + n(plot.left()) + " " + n(plot.bottom()));
    double[] heights = shares(count(values));
    for (int i = 0; i < heights.length; i++) {
      double edge = plot.left() + (plot.right() - plot.left()) * (i + 1) / heights.length;
      path.append("V").append(n(plot.y(shares, 100 * heights[i]))).append("H").append(n(edge));
    }
    html.leaf(
        "path", "class", "bars " + name, "d", path.append("V" + n(plot.bottom()) + "Z").toString());
    double mean = Numbers.mean(values);
    if (!Double.isNaN(mean)) {
      double x = plot.x(scores, mean);
      html.leaf(
          "line",
          "class",
          "mean " + name,
          "x1",
          n(x),
          "x2",
          n(x),
          "y1",
          n(labelY - 10),
          "y2",
          n(plot.bottom()));
    }
  }

  /** Above all lines, so that none strikes through it. */
  private void label(Html html, Plot plot, String name, double[] values, double labelY) {
    double mean = Numbers.mean(values);
    if (Double.isNaN(mean)) {
      html.element(
          "text",
          "no " + name + (name.equals("reference") ? " scores" : " candidates"),
          "class",
          "mean " + name,
          "x",
          n(plot.left() + 4),
          "y",
          n(labelY));
      return;
    }
    double x = plot.x(scores, mean);
    boolean left = x > (plot.left() + plot.right()) / 2;
    html.element(
        "text",
        name + ": mean " + Numbers.typeset(Numbers.decimal(mean, 3)),
        "class",
        "mean " + name,
        "x",
        n(left ? x - 5 : x + 5),
        "y",
        n(labelY),
        "text-anchor",
        left ? "end" : "start");
  }
}
