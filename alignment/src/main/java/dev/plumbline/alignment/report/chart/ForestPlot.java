package dev.plumbline.alignment.report.chart;

import static dev.plumbline.alignment.report.chart.Plot.n;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.page.TextTable;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/** One estimate per arm as a point with its 95 % interval as a bar, below its name and figures. */
public final class ForestPlot {
  private static final double ROW = 52;
  private static final double LETTER = 7.5; // mean width
  private static final int FIGURES = 22; // letters of an estimate with its bounds

  private ForestPlot() {}

  /** A row. */
  public record Row(String name, Interval interval, LineStyle style) {}

  /**
   * Draws rows on an axis in percent that just holds their intervals.
   *
   * @param width of the drawing; letters have the same size in every one
   */
  public static void draw(Html html, String id, String title, double width, List<Row> rows) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    List<String> description = new ArrayList<>();
    for (Row row : rows) {
      description.add(text(row, row.name()));
      if (Numbers.known(row.interval())) {
        low = Math.min(low, 100 * row.interval().low());
        high = Math.max(high, 100 * row.interval().high());
      }
    }
    Axis axis = low <= high ? Axis.of(low, high, 5) : Axis.of(0, 100, 5);
    Plot plot = new Plot(16, 8, width - 16, 16 + ROW * rows.size());
    Plot.open(html, id, width, plot.bottom() + 50, title, String.join(". ", description) + ".");
    for (double tick : axis.ticks()) {
      String x = n(plot.x(axis, tick));
      html.leaf(
          "line", "class", "grid", "x1", x, "x2", x, "y1", n(plot.top()), "y2", n(plot.bottom()));
    }
    for (int i = 0; i < rows.size(); i++) {
      row(html, plot, axis, i, rows.get(i));
    }
    plot.horizontal(html, axis, title + ", %");
    html.close();
  }

  private static void row(Html html, Plot plot, Axis axis, int i, Row row) {
    double y = plot.top() + ROW * i + 40;
    int letters = (int) ((plot.right() - plot.left()) / LETTER) - FIGURES;
    String text = text(row, TextTable.name(row.name(), Math.max(2, letters)));
    html.element("text", text, "class", "row", "x", n(plot.left() + 6), "y", n(y - 18));
    if (!Numbers.known(row.interval())) {
      return;
    }
    String style = row.style().colour();
    double from = plot.x(axis, 100 * row.interval().low());
    double to = plot.x(axis, 100 * row.interval().high());
    html.leaf(
        "line", "class", "interval " + style, "x1", n(from), "x2", n(to), "y1", n(y), "y2", n(y));
    for (double end : new double[] {from, to}) {
      html.leaf(
          "line",
          "class",
          "interval " + style,
          "x1",
          n(end),
          "x2",
          n(end),
          "y1",
          n(y - 6),
          "y2",
          n(y + 6));
    }
    html.leaf(
        "circle",
        "class",
        "point " + style,
        "cx",
        n(plot.x(axis, 100 * row.interval().estimate())),
        "cy",
        n(y),
        "r",
        "6");
  }

  private static String text(Row row, String name) {
    return name
        + "  "
        + Numbers.share(row.interval().estimate())
        + " ("
        + Numbers.bounds(row.interval())
        + ")";
  }
}
