package dev.plumbline.alignment.report;

import java.util.Locale;

/**
 * A text whose tokens are coloured by a value, the same text under several models side by side: one
 * scale for all, darker is higher (matplotlib's Oranges, as in SCDPO's figures 2, 3 and 6 to 8).
 */
final class TokenMap {
  private static final int[] ORANGES = {
    0xfff5eb, 0xfee6ce, 0xfdd0a2, 0xfdae6b, 0xfd8d3c, 0xf16913, 0xd94801, 0xa63603, 0x7f2704
  };

  private TokenMap() {}

  /** Draws it with its scale. */
  static void draw(Html html, Study.Map map) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Study.Panel panel : map.panels()) {
      for (Study.Token token : panel.tokens()) {
        if (Double.isFinite(token.value())) {
          low = Math.min(low, token.value());
          high = Math.max(high, token.value());
        }
      }
    }
    html.line().element("p", map.caption(), "class", "question");
    html.open("div", "class", "answers");
    for (Study.Panel panel : map.panels()) {
      html.line().open("div", "class", "answer").element("h4", panel.name());
      html.open("div", "class", "text tokens");
      for (Study.Token token : panel.tokens()) {
        token(html, token, low, high);
      }
      html.close().close();
    }
    html.close();
    if (low <= high) {
      html.element(
          "p",
          String.format(
              Locale.ROOT,
              "From %.4f (light) to %.4f (dark), one scale for all panels; the erroneous step is underlined.",
              low,
              high));
    }
  }

  private static void token(Html html, Study.Token token, double low, double high) {
    String kind = token.marked() ? "marked" : "token";
    if (!Double.isFinite(token.value())) {
      html.element("span", token.text(), "class", kind);
      return;
    }
    double place = high > low ? (token.value() - low) / (high - low) : 0.5;
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
  static int at(double place) {
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
