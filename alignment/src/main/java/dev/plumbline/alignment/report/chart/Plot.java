package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import java.util.List;

/**
 * The frame of a drawing: title and description for screen readers, axes with ticks, and the
 * rectangle of the data.
 *
 * @param left left edge of the data, in units of the view box
 * @param top top edge
 * @param right right edge
 * @param bottom bottom edge
 */
public record Plot(double left, double top, double right, double bottom) {
  /** Opens the drawing; its size on the page follows the page, its proportions the view box. */
  public static void open(
      Html html, String id, double width, double height, String title, String description) {
    html.line()
        .open(
            "svg",
            "xmlns",
            "http://www.w3.org/2000/svg",
            "viewBox",
            "0 0 " + n(width) + " " + n(height),
            "role",
            "img",
            "aria-labelledby",
            id + "-title " + id + "-desc")
        .element("title", title, "id", id + "-title")
        .element("desc", description, "id", id + "-desc");
  }

  /** The horizontal axis with its label below. */
  public void horizontal(Html html, Axis axis, String label) {
    html.leaf(
        "line", "class", "axis", "x1", n(left), "x2", n(right), "y1", n(bottom), "y2", n(bottom));
    for (double tick : axis.ticks()) {
      String x = n(x(axis, tick));
      html.leaf("line", "class", "axis", "x1", x, "x2", x, "y1", n(bottom), "y2", n(bottom + 5));
      tick(html, axis.label(tick), x);
    }
    label(html, label);
  }

  /**
   * The horizontal axis of settings at equal distances. Where all names would run into each other,
   * every second one stands there, or every third, and so on.
   *
   * @param letter width of a letter
   */
  public void categories(Html html, List<String> names, double letter, String label) {
    html.leaf(
        "line", "class", "axis", "x1", n(left), "x2", n(right), "y1", n(bottom), "y2", n(bottom));
    int longest = names.stream().mapToInt(String::length).max().orElse(0) + 1;
    int every = Math.max(1, (int) Math.ceil(longest * letter * names.size() / (right - left)));
    for (int i = 0; i < names.size(); i++) {
      String x = n(category(i, names.size()));
      html.leaf("line", "class", "axis", "x1", x, "x2", x, "y1", n(bottom), "y2", n(bottom + 5));
      if (i % every == 0) {
        tick(html, names.get(i), x);
      }
    }
    label(html, label);
  }

  /** The place of one of {@code n} settings. */
  double category(int i, int n) {
    return left + (right - left) * (i + 0.5) / Math.max(1, n);
  }

  private void tick(Html html, String text, String x) {
    html.element(
        "text", text, "class", "tick", "x", x, "y", n(bottom + 22), "text-anchor", "middle");
  }

  private void label(Html html, String label) {
    html.element(
        "text",
        label,
        "class",
        "label",
        "x",
        n((left + right) / 2),
        "y",
        n(bottom + 44),
        "text-anchor",
        "middle");
  }

  /**
   * Grid lines with their values at the left; the label stands above them, where it reads without
   * turning the head.
   */
  public void vertical(Html html, Axis axis, String label) {
    for (double tick : axis.ticks()) {
      String y = n(y(axis, tick));
      html.leaf("line", "class", "grid", "x1", n(left), "x2", n(right), "y1", y, "y2", y);
      html.element(
          "text",
          axis.label(tick),
          "class",
          "tick",
          "x",
          n(left - 8),
          "y",
          y,
          "dy",
          "0.35em",
          "text-anchor",
          "end");
    }
    html.element("text", label, "class", "label", "x", "0", "y", "16");
  }

  /** The place of a value on the horizontal axis. */
  double x(Axis axis, double value) {
    return axis.place(value, left, right);
  }

  /** The place of a value on the vertical axis. */
  double y(Axis axis, double value) {
    return axis.place(value, bottom, top);
  }

  /** A coordinate. */
  public static String n(double value) {
    String text = Numbers.decimal(value, 1);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
