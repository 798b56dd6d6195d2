package dev.plumbline.alignment.report.bench;

import static dev.plumbline.alignment.report.chart.Plot.n;

import dev.plumbline.alignment.bench.Scaling;
import dev.plumbline.alignment.bench.Scaling.Sweep;
import dev.plumbline.alignment.report.chart.Legend;
import dev.plumbline.alignment.report.chart.LineStyle;
import dev.plumbline.alignment.report.chart.Plot;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import java.util.List;
import java.util.stream.IntStream;

/** Step time over one quantity, both on logarithmic axes, a line for each number of threads. */
final class ScalingChart {
  private static final Plot PLOT = new Plot(64, 36, 700, 300);

  private ScalingChart() {}

  /** Draws sweeps of the same quantity. */
  static void draw(Html html, List<Sweep> sweeps) {
    Sweep first = sweeps.get(0);
    String title = "Step time by " + first.quantity();
    StringBuilder description = new StringBuilder();
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Sweep sweep : sweeps) {
      for (Scaling.Point p : sweep.points()) {
        low = Math.min(low, 1000 * p.seconds());
        high = Math.max(high, 1000 * p.seconds());
      }
      description.append(name(sweep)).append(". ");
    }
    int from = (int) Math.floor(Math.log10(low));
    int to = (int) Math.ceil(Math.log10(high));
    html.element("h3", title + " (" + first.setting() + ")");
    html.open("div", "class", "chart").open("figure");
    Legend.open(html);
    for (int i = 0; i < sweeps.size(); i++) {
      Legend.line(html, style(i), name(sweeps.get(i)));
    }
    html.close();
    String id = "scaling-" + first.quantity().replace(' ', '-');
    Plot.open(html, id, 720, 350, title, description.toString().strip());
    for (int power = from; power <= to; power++) {
      String y = n(y(Math.pow(10, power), from, to));
      html.leaf(
          "line", "class", "grid", "x1", n(PLOT.left()), "x2", n(PLOT.right()), "y1", y, "y2", y);
      text(
          html,
          Numbers.decimal(Math.pow(10, power), Math.max(0, -power)),
          PLOT.left() - 8,
          y,
          "end");
    }
    html.element("text", "milliseconds per step", "class", "label", "x", "0", "y", "16");
    for (Scaling.Point p : first.points()) {
      text(html, Integer.toString(p.x()), x(p.x(), first), n(PLOT.bottom() + 22), "middle");
    }
    double middle = (PLOT.left() + PLOT.right()) / 2;
    html.element(
        "text",
        first.quantity(),
        "class",
        "label",
        "x",
        n(middle),
        "y",
        n(PLOT.bottom() + 44),
        "text-anchor",
        "middle");
    for (int i = 0; i < sweeps.size(); i++) {
      StringBuilder path = new StringBuilder();
      for (Scaling.Point p : sweeps.get(i).points()) {
        String at = n(x(p.x(), first)) + " " + n(y(1000 * p.seconds(), from, to));
        path.append(path.isEmpty() ? "M" : "L").append(at);
      }
      html.leaf("path", "class", "smooth " + style(i).colour(), "d", path.toString());
      for (Scaling.Point p : sweeps.get(i).points()) {
        html.leaf(
            "circle",
            "class",
            "point " + style(i).colour(),
            "cx",
            n(x(p.x(), first)),
            "cy",
            n(y(1000 * p.seconds(), from, to)),
            "r",
            "5");
      }
    }
    html.close().close().close();
  }

  private static LineStyle style(int i) {
    return new LineStyle(i + 1);
  }

  private static String name(Sweep sweep) {
    return Numbers.format(
        "%d %s, %.1f to %.1f ms, growing as the power %.2f (upper half %.2f)",
        sweep.threads(),
        sweep.threads() == 1 ? "thread" : "threads",
        1000 * sweep.points().get(0).seconds(),
        1000 * sweep.points().get(sweep.points().size() - 1).seconds(),
        sweep.exponent(),
        sweep.upperExponent());
  }

  private static void text(Html html, String text, double x, String y, String anchor) {
    html.element(
        "text", text, "class", "tick", "x", n(x), "y", y, "dy", "0.35em", "text-anchor", anchor);
  }

  private static double x(int value, Sweep sweep) {
    int[] all = sweep.points().stream().mapToInt(Scaling.Point::x).toArray();
    double low = Math.log(IntStream.of(all).min().orElse(1));
    double high = Math.log(IntStream.of(all).max().orElse(1));
    double share = high > low ? (Math.log(value) - low) / (high - low) : 0.5;
    return PLOT.left() + 20 + share * (PLOT.right() - PLOT.left() - 40);
  }

  private static double y(double milliseconds, int from, int to) {
    double share = (Math.log10(milliseconds) - from) / Math.max(1, to - from);
    return PLOT.bottom() - share * (PLOT.bottom() - PLOT.top());
  }
}
