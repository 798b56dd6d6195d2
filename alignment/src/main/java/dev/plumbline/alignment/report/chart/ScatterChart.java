package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Interval;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** One quantity against another, one point per model. */
public final class ScatterChart {
  private static final Plot PLOT = new Plot(64, 40, 700, 340);

  private final Scatter scatter;
  private final Unit across;
  private final Unit up;
  private final Palette palette;

  public ScatterChart(Scatter scatter, Palette palette) {
    this.scatter = scatter;
    this.across = new Unit(scatter.xLabel());
    this.up = new Unit(scatter.yLabel());
    this.palette = palette;
  }

  /** Points that have a place. */
  public List<Scatter.Point> points() {
    return scatter.points().stream()
        .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
        .toList();
  }

  private LineStyle style(Scatter.Point point) {
    return new LineStyle(palette.hue(point.name()));
  }

  /** The methods, where several points share one. */
  private void legend(Html html) {
    Map<String, LineStyle> methods = new LinkedHashMap<>();
    points().forEach(point -> methods.putIfAbsent(palette.method(point.name()), style(point)));
    if (methods.size() < points().size()) {
      Legend.open(html);
      methods.forEach((name, style) -> Legend.point(html, style, name));
      html.close();
    }
  }

  /** Draws the points; each says its name and figures when the pointer rests on it. */
  public void draw(Html html, String id) {
    legend(html);
    Plot.open(
        html,
        id,
        720,
        390,
        scatter.title(),
        correlation(scatter) + " The table below holds every point.");
    Axis x = axis(across, Scatter.Point::x);
    Axis y = axis(up, Scatter.Point::y);
    PLOT.vertical(html, y, scatter.yLabel());
    for (Scatter.Point point : points()) {
      html.open("g").element("title", point.name() + ": " + x(point) + ", " + y(point));
      style(point).point(html, PLOT.x(x, across.shown(point.x())), PLOT.y(y, up.shown(point.y())));
      html.close();
    }
    PLOT.horizontal(html, x, scatter.xLabel());
    html.close();
  }

  /** The first quantity of a point. */
  public String x(Scatter.Point point) {
    return across.text(point.x());
  }

  /** The second one. */
  public String y(Scatter.Point point) {
    return up.text(point.y());
  }

  /** The correlation in a sentence. */
  public static String correlation(Scatter scatter) {
    int models = scatter.points().size();
    Interval r = scatter.r();
    if (r == null || !Double.isFinite(r.estimate())) {
      return "There is no correlation to give for " + models(models) + ".";
    }
    return Numbers.typeset(
        "Pearson's r over "
            + models(models)
            + ": "
            + Numbers.decimal(r.estimate(), 2)
            + (Numbers.known(r)
                ? ", 95\u00a0% interval "
                    + Numbers.decimal(r.low(), 2)
                    + " to "
                    + Numbers.decimal(r.high(), 2)
                    + " (Fisher's z)."
                : ", without an interval."));
  }

  private static String models(int n) {
    return n == 1 ? "1 model" : n + " models";
  }

  private Axis axis(Unit unit, ToDoubleFunction<Scatter.Point> value) {
    double[] values = points().stream().mapToDouble(value).map(unit::shown).sorted().toArray();
    return values.length == 0 ? Axis.of(0, 1, 5) : Axis.of(values[0], values[values.length - 1], 5);
  }
}
