package dev.plumbline.alignment.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** One quantity against another, a point a model. */
final class ScatterChart {
  private static final Plot PLOT = new Plot(64, 40, 700, 340);

  private final Study.Scatter scatter;
  private final Unit across;
  private final Unit up;
  private final Palette palette;

  ScatterChart(Study.Scatter scatter, Palette palette) {
    this.scatter = scatter;
    this.across = new Unit(scatter.xLabel());
    this.up = new Unit(scatter.yLabel());
    this.palette = palette;
  }

  /** Points that have a place. */
  List<Study.Point> points() {
    return scatter.points().stream()
        .filter(p -> Double.isFinite(p.x()) && Double.isFinite(p.y()))
        .toList();
  }

  private LineStyle style(Study.Point point) {
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
  void draw(Html html, String id) {
    legend(html);
    Plot.open(
        html,
        id,
        720,
        390,
        scatter.title(),
        StudySummary.correlation(scatter) + " The table below holds every point.");
    Axis x = axis(across, Study.Point::x);
    Axis y = axis(up, Study.Point::y);
    PLOT.vertical(html, y, scatter.yLabel());
    for (Study.Point point : points()) {
      html.open("g").element("title", point.name() + ": " + x(point) + ", " + y(point));
      style(point).point(html, PLOT.x(x, across.shown(point.x())), PLOT.y(y, up.shown(point.y())));
      html.close();
    }
    PLOT.horizontal(html, x, scatter.xLabel());
    html.close();
  }

  /** The first quantity of a point. */
  String x(Study.Point point) {
    return across.text(point.x());
  }

  /** The second one. */
  String y(Study.Point point) {
    return up.text(point.y());
  }

  private Axis axis(Unit unit, ToDoubleFunction<Study.Point> value) {
    double[] values = points().stream().mapToDouble(value).map(unit::shown).sorted().toArray();
    return values.length == 0 ? Axis.of(0, 1, 5) : Axis.of(values[0], values[values.length - 1], 5);
  }
}
