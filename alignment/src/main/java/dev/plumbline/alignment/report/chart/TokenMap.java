package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;

/**
 * A text whose tokens are coloured by a value, the same text several times: darker is higher
 * (matplotlib's Oranges, as in SCDPO's figures 2, 3 and 6 to 8).
 */
public final class TokenMap {
  private static final int[] ORANGES = {
    0xfff5eb, 0xfee6ce, 0xfdd0a2, 0xfdae6b, 0xfd8d3c, 0xf16913, 0xd94801, 0xa63603, 0x7f2704
  };

  private TokenMap() {}

  /** Smallest and largest value of panels. */
  private record Scale(double low, double high) {
    static Scale of(List<ColouredText.Panel> panels) {
      DoubleSummaryStatistics values =
          panels.stream()
              .flatMap(panel -> panel.tokens().stream())
              .mapToDouble(ColouredText.Token::value)
              .filter(Double::isFinite)
              .summaryStatistics();
      return new Scale(values.getMin(), values.getMax());
    }

    double place(double value) {
      return high > low ? (value - low) / (high - low) : 0.5;
    }

    String text() {
      return low <= high
          ? String.format(Locale.ROOT, "%.4f (light) to %.4f (dark)", low, high)
          : "no values";
    }
  }

  /** Draws it with its scale or scales. */
  public static void draw(Html html, ColouredText map) {
    html.line().element("p", map.caption(), "class", "question");
    html.open("div", "class", map.oneScale() ? "answers" : "answers stacked");
    Scale all = Scale.of(map.panels());
    for (ColouredText.Panel panel : map.panels()) {
      Scale scale = map.oneScale() ? all : Scale.of(List.of(panel));
      html.line().open("div", "class", "answer").element("h4", panel.name());
      if (!map.oneScale()) {
        html.element("p", "From " + scale.text() + ".", "class", "scale");
      }
      html.open("div", "class", "text tokens");
      for (ColouredText.Token token : panel.tokens()) {
        token(html, token, scale, map.boxed());
      }
      html.close().close();
    }
    html.close();
    html.element(
        "p",
        (map.oneScale() && all.low() <= all.high()
                ? "From " + all.text() + ", one scale for all panels. "
                : "")
            + (map.boxed() ? "In a box: " : "Underlined: ")
            + map.marks()
            + ".");
  }

  private static void token(Html html, ColouredText.Token token, Scale scale, boolean boxed) {
    String kind = !token.marked() ? "token" : boxed ? "boxed" : "marked";
    if (!Double.isFinite(token.value())) {
      html.element("span", token.text(), "class", kind);
      return;
    }
    double place = scale.place(token.value());
    html.element(
        "span",
        token.text(),
        "class",
        kind,
        "title",
        Numbers.decimal(token.value(), 4),
        "style",
        String.format(
            Locale.ROOT, "background:#%06x;color:%s", at(place), place > 0.6 ? "#fff" : "#1b1b1b"));
  }

  /** The colour of a place from 0 to 1, linear between the anchors. */
  public static int at(double place) {
    double x = Math.max(0, Math.min(1, place)) * (ORANGES.length - 1);
    int left = Math.min(ORANGES.length - 2, (int) x);
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      double a = ORANGES[left] >> shift & 0xff;
      double b = ORANGES[left + 1] >> shift & 0xff;
      colour |= (int) Math.round(a + (x - left) * (b - a)) << shift;
    }
    return colour;
  }
}
