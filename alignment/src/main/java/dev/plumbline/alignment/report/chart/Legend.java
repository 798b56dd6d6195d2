package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Html;

/** The lines of a chart with their names, above it. */
public final class Legend {
  private Legend() {}

  /** Opens the list. */
  public static void open(Html html) {
    html.open("ul", "class", "legend");
  }

  /** A line without points. */
  public static void line(Html html, LineStyle style, String name) {
    swatch(html);
    html.leaf("path", "class", "smooth " + style.colour(), "d", "M2 5H38").close();
    html.element("span", name).close();
  }

  /** A line through points. */
  public static void points(Html html, LineStyle style, String name) {
    swatch(html);
    html.leaf(
        "path",
        "class",
        "curve " + style.colour(),
        "stroke-dasharray",
        style.dashes(),
        "d",
        "M0 5H40");
    style.point(html, 20, 5);
    html.close().element("span", name).close();
  }

  /** A point without a line. */
  public static void point(Html html, LineStyle style, String name) {
    swatch(html);
    style.point(html, 33, 5);
    html.close().element("span", name).close();
  }

  private static void swatch(Html html) {
    html.open("li")
        .open(
            "svg",
            "viewBox",
            "0 0 40 10",
            "aria-hidden",
            "true",
            "xmlns",
            "http://www.w3.org/2000/svg");
  }
}
