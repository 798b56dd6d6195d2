package dev.plumbline.alignment.report;

import static dev.plumbline.alignment.report.Plot.n;

import dev.plumbline.tensor.statistics.Histogram;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The scores of right and of wrong candidates, one small drawing an arm, all on the same bins and
 * axes. Heights are shares of the series, since there are rarely as many right candidates as wrong
 * ones.
 *
 * @param scores horizontal axis
 * @param shares vertical axis, in percent
 */
record ScoreHistogram(Axis scores, Axis shares) {
  private static final int BINS = 40;
  private static final double TAIL = 0.005;
  private static final Plot PLOT = new Plot(40, 64, 348, 214);

  /**
   * Axes that fit all arms. The outermost half percent at each end may lie outside: a single score
   * must not flatten the rest.
   */
  static ScoreHistogram of(List<DemoResult.Arm> arms) {
    double[] all =
        arms.stream()
            .flatMap(arm -> Stream.of(arm.positiveScores(), arm.negativeScores()))
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
    for (DemoResult.Arm arm : arms) {
      for (double[] values : List.of(arm.positiveScores(), arm.negativeScores())) {
        for (double share : shares(count(values, scores))) {
          highest = Math.max(highest, 100 * share);
        }
      }
    }
    return new ScoreHistogram(scores, Axis.of(0, highest > 0 ? highest : 1, 4));
  }

  /** Scores per bin; scores beyond the axis are in {@code below} and {@code above}. */
  Histogram count(double[] values) {
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
  static double[] shares(Histogram histogram) {
    double[] shares = histogram.counts().stream().mapToDouble(Long::doubleValue).toArray();
    shares[0] += histogram.below();
    shares[shares.length - 1] += histogram.above();
    double total = Arrays.stream(shares).sum();
    Arrays.setAll(shares, i -> total == 0 ? 0 : shares[i] / total);
    return shares;
  }

  /** Draws one arm. */
  void draw(Html html, String id, DemoResult.Arm arm) {
    Plot.open(
        html,
        id,
        360,
        264,
        "Scores of " + arm.name(),
        "Right candidates: "
            + describe(arm.positiveScores())
            + ". Wrong candidates: "
            + describe(arm.negativeScores())
            + ".");
    PLOT.vertical(html, shares, "% of its series");
    series(html, "wrong", arm.negativeScores(), 50);
    series(html, "right", arm.positiveScores(), 34);
    PLOT.horizontal(html, scores, "score s: mean log-probability of a token");
    html.close();
  }

  private static String describe(double[] values) {
    return values.length + ", mean " + Numbers.decimal(Numbers.mean(values), 3);
  }

  private void series(Html html, String name, double[] values, double labelY) {
    StringBuilder path = new StringBuilder("M" + n(PLOT.left()) + " " + n(PLOT.bottom()));
    double[] heights = shares(count(values));
    for (int i = 0; i < heights.length; i++) {
      double edge = PLOT.left() + (PLOT.right() - PLOT.left()) * (i + 1) / heights.length;
      path.append("V").append(n(PLOT.y(shares, 100 * heights[i]))).append("H").append(n(edge));
    }
    html.leaf(
        "path", "class", "bars " + name, "d", path.append("V" + n(PLOT.bottom()) + "Z").toString());
    double mean = Numbers.mean(values);
    if (Double.isNaN(mean)) {
      html.element(
          "text",
          "no " + name + " candidates",
          "class",
          "mean " + name,
          "x",
          n(PLOT.left() + 4),
          "y",
          n(labelY));
      return;
    }
    double x = PLOT.x(scores, mean);
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
        n(PLOT.bottom()));
    boolean left = x > (PLOT.left() + PLOT.right()) / 2;
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
