package dev.plumbline.alignment.report.chart;

import static dev.plumbline.alignment.report.chart.Plot.n;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/** Values over a swept setting: one line per method, with 95 % bars. */
public final class CurveChart {
  private static final Plot PLOT = new Plot(64, 40, 700, 300);
  private static final double DODGE = 12; // between the points of two lines at one x
  private static final double LETTER = 11.5; // width where a narrow page sets large letters

  private final Curve curve;
  private final Unit unit;
  private final Palette palette;

  public CurveChart(Curve curve, Palette palette) {
    this.curve = curve;
    this.unit = new Unit(curve.yLabel());
    this.palette = palette;
  }

  /** Whether there is nothing to draw. */
  public boolean empty() {
    return curve.lines().stream().allMatch(l -> l.values().stream().noneMatch(CurveChart::drawn));
  }

  /** Whether a value can be drawn; its bar may still be missing. */
  public static boolean drawn(Interval value) {
    return value != null && Double.isFinite(value.estimate());
  }

  private static boolean bar(Interval value) {
    return value != null && Numbers.known(value);
  }

  /** Legend and drawing. */
  public void draw(Html html, String id) {
    Legend.open(html);
    for (int i = 0; i < curve.lines().size(); i++) {
      Legend.points(html, style(i), curve.lines().get(i).name());
    }
    html.close();
    Plot.open(html, id, 720, 350, curve.title(), description());
    Axis axis = axis();
    PLOT.vertical(html, axis, curve.yLabel());
    PLOT.categories(html, curve.x(), LETTER, curve.xLabel());
    for (int i = 0; i < curve.lines().size(); i++) {
      line(html, axis, i);
    }
    html.close();
  }

  private LineStyle style(int line) {
    return new LineStyle(palette.hue(curve.lines().get(line).name()), line);
  }

  private Axis axis() {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Curve.Line line : curve.lines()) {
      for (Interval value : line.values().stream().filter(CurveChart::drawn).toList()) {
        boolean bar = Numbers.known(value);
        low = Math.min(low, unit.shown(bar ? value.low() : value.estimate()));
        high = Math.max(high, unit.shown(bar ? value.high() : value.estimate()));
      }
    }
    return Axis.of(low, high, 5);
  }

  /** Bars below, then the line, then its points. */
  private void line(Html html, Axis axis, int i) {
    List<Interval> values = curve.lines().get(i).values();
    LineStyle style = style(i);
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int x = 0; x < values.size(); x++) {
      Interval value = values.get(x);
      if (drawn(value)) {
        String at = n(x(x, i));
        path.append(drawing ? "L" : "M")
            .append(at)
            .append(' ')
            .append(n(y(axis, value.estimate())));
        if (Numbers.known(value)) {
          String from = n(y(axis, value.low()));
          String to = n(y(axis, value.high()));
          html.leaf(
              "line", "class", "bar " + style.colour(), "x1", at, "x2", at, "y1", from, "y2", to);
        }
      }
      drawing = drawn(value);
    }
    if (!path.isEmpty()) {
      html.leaf(
          "path",
          "class",
          "curve " + style.colour(),
          "stroke-dasharray",
          style.dashes(),
          "d",
          path.toString());
    }
    for (int x = 0; x < values.size(); x++) {
      if (drawn(values.get(x))) {
        style.point(html, x(x, i), y(axis, values.get(x).estimate()));
      }
    }
  }

  private double x(int x, int line) {
    double middle = (curve.lines().size() - 1) / 2.0;
    double room = PLOT.category(1, curve.x().size()) - PLOT.category(0, curve.x().size());
    double step = Math.min(DODGE, 0.6 * room / curve.lines().size());
    return PLOT.category(x, curve.x().size()) + step * (line - middle);
  }

  private double y(Axis axis, double value) {
    return PLOT.y(axis, unit.shown(value));
  }

  private String description() {
    List<String> lines = new ArrayList<>();
    for (Curve.Line line : curve.lines()) {
      List<String> values = new ArrayList<>();
      for (int x = 0; x < curve.x().size(); x++) {
        if (drawn(line.values().get(x))) {
          values.add(unit.text(line.values().get(x).estimate()) + " at " + curve.x().get(x));
        }
      }
      lines.add(line.name() + ": " + (values.isEmpty() ? "no values" : String.join(", ", values)));
    }
    return curve.yLabel() + " by " + curve.xLabel() + ". " + String.join(". ", lines) + ".";
  }

  /** What the marks mean. */
  public String marks() {
    boolean gaps =
        curve.lines().stream().flatMap(l -> l.values().stream()).anyMatch(v -> !drawn(v));
    boolean bars =
        curve.lines().stream().flatMap(l -> l.values().stream()).anyMatch(CurveChart::bar);
    return (bars ? "Bars are 95\u00a0% intervals; points" : "Points")
        + " of one setting stand side by side."
        + (gaps ? " A gap means that nothing was measured there." : "");
  }

  /** Every value as text, a row a setting and a column a line; nothing where there is no value. */
  public List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (int x = 0; x < curve.x().size(); x++) {
      List<String> row = new ArrayList<>(List.of(curve.x().get(x)));
      for (Curve.Line line : curve.lines()) {
        row.add(text(line.values().get(x)));
      }
      rows.add(row);
    }
    return rows;
  }

  private String text(Interval value) {
    if (!drawn(value)) {
      return Numbers.NONE;
    }
    String bounds = unit.bounds(value);
    return unit.text(value.estimate()) + (bounds.isEmpty() ? "" : " (" + bounds + ")");
  }
}
