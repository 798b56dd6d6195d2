package dev.plumbline.alignment.report.chart;

import static dev.plumbline.alignment.report.chart.Plot.n;

import dev.plumbline.alignment.report.page.Html;
import java.util.List;

/**
 * How a line is drawn: its colour, and its dashes and the shape of its points, which tell lines of
 * one colour apart and all lines in grey print.
 *
 * @param hue number of the colour: that of the method
 * @param shape number of the dashes and of the points' shape: that of the line in its chart
 */
public record LineStyle(int hue, int shape) {
  private static final int COLOURS = 8;
  private static final List<String> DASHES =
      List.of("none", "9 4", "2 4", "14 4 3 4", "5 3", "9 3 2 3 2 3", "18 4");
  private static final double RADIUS = 5.5;

  /** The style of a method that has one line in its chart. */
  public LineStyle(int index) {
    this(index, index);
  }

  /** The class that sets the colour. */
  public String colour() {
    return "arm" + hue % COLOURS;
  }

  /** The pattern of a line. */
  public String dashes() {
    return DASHES.get(shape % DASHES.size());
  }

  /** A point in the line's shape. */
  public void point(Html html, double x, double y) {
    html.leaf("path", "class", "point " + colour(), "d", outline(x, y));
  }

  private String outline(double x, double y) {
    double r = RADIUS;
    return switch (shape % 5) {
      case 0 -> corners(x, y, -r, -r, r, -r, r, r, -r, r); // square
      case 1 -> corners(x, y, 0, -1.4 * r, 1.4 * r, 0, 0, 1.4 * r, -1.4 * r, 0); // diamond
      case 2 -> // circle, of two halves
          "M" + n(x - r) + " " + n(y) + "a" + n(r) + " " + n(r) + " 0 0 1 " + n(2 * r) + " 0" + "a"
              + n(r) + " " + n(r) + " 0 0 1 " + n(-2 * r) + " 0Z";
      case 3 -> corners(x, y, 0, -1.3 * r, 1.3 * r, r, -1.3 * r, r); // triangle
      default -> corners(x, y, 0, 1.3 * r, 1.3 * r, -r, -1.3 * r, -r); // triangle on its tip
    };
  }

  private static String corners(double x, double y, double... offsets) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < offsets.length; i += 2) {
      path.append(i == 0 ? "M" : "L").append(n(x + offsets[i])).append(' ');
      path.append(n(y + offsets[i + 1]));
    }
    return path.append('Z').toString();
  }
}
