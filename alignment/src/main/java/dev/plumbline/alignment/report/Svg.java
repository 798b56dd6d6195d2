package dev.plumbline.alignment.report;

import java.util.List;
import java.util.Locale;

/**
 * Inline SVG plots for reports: no library fits a self-contained page. Coordinates are in user
 * units of the view box.
 */
final class Svg {
  private static final int WIDTH = 640;
  private static final int LEFT = 56;
  private static final int RIGHT = 16;

  private Svg() {}

  /** A line of a chart. */
  record Series(String name, String css, double[] values) {}

  /** A point with its interval. */
  record Bar(String name, String css, double estimate, double low, double high) {}

  /** Two overlaid histograms of shares over a common range; vertical lines mark the means. */
  static String histogram(String title, double[] right, double[] wrong, double low, double high) {
    int bins = 36;
    double[] a = shares(right, low, high, bins);
    double[] b = shares(wrong, low, high, bins);
    double top = 0.01;
    for (int i = 0; i < bins; i++) {
      top = Math.max(top, Math.max(a[i], b[i]));
    }
    StringBuilder s = open(title, 200);
    double step = (double) (WIDTH - LEFT - RIGHT) / bins;
    for (int i = 0; i < bins; i++) {
      rect(s, "right", LEFT + i * step, step, 160 - 140 * a[i] / top, 140 * a[i] / top);
      rect(s, "wrong", LEFT + i * step, step, 160 - 140 * b[i] / top, 140 * b[i] / top);
    }
    axis(s, low, high, 160);
    mean(s, "right", right, low, high);
    mean(s, "wrong", wrong, low, high);
    return s.append("</svg>").toString();
  }

  /** Curves over steps: the raw values faint, a moving mean on top. */
  static String lines(String title, List<Series> series) {
    double top = 0;
    int longest = 1;
    for (Series line : series) {
      longest = Math.max(longest, line.values().length);
      for (double v : line.values()) {
        top = Double.isFinite(v) ? Math.max(top, v) : top;
      }
    }
    top = top == 0 ? 1 : top;
    StringBuilder s = open(title, 260);
    for (int i = 0; i <= 4; i++) {
      double y = 220 - 200 * i / 4.0;
      s.append(
          f(
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
              LEFT, WIDTH - RIGHT, y, y));
      s.append(
          f(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.2f</text>",
              LEFT - 6, y + 4, top * i / 4));
    }
    axis(s, 0, longest, 220);
    for (Series line : series) {
      path(s, "raw " + line.css(), line.values(), longest, top);
      path(
          s,
          "smooth " + line.css(),
          smooth(line.values(), Math.max(1, line.values().length / 20)),
          longest,
          top);
    }
    return s.append("</svg>").toString();
  }

  /** Estimates with their intervals on a scale from 0 to 1, one row each. */
  static String intervals(String title, List<Bar> bars) {
    int height = 34 * bars.size() + 40;
    StringBuilder s = open(title, height);
    int left = 200;
    double span = WIDTH - left - RIGHT - 50;
    for (int i = 0; i <= 4; i++) {
      double x = left + span * i / 4;
      s.append(
          f(
              "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"8\" y2=\"%d\"/>",
              x, x, height - 30));
      s.append(
          f(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d %%</text>",
              x, height - 12, 25 * i));
    }
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double y = 24 + 34 * i;
      s.append(
          f(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
              left - 12, y + 5, Html.escape(bar.name())));
      if (Double.isFinite(bar.estimate())) {
        s.append(
            f(
                "<line class=\"whisker %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                bar.css(), left + span * bar.low(), left + span * bar.high(), y, y));
        s.append(
            f(
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>",
                bar.css(), left + span * bar.estimate(), y));
        s.append(
            f(
                "<text x=\"%.1f\" y=\"%.1f\">%.1f</text>",
                left + span * bar.high() + 8, y + 5, 100 * bar.estimate()));
      }
    }
    return s.append("</svg>").toString();
  }

  /** Share of the values in each bin; values outside the range count in the outermost bins. */
  static double[] shares(double[] values, double low, double high, int bins) {
    double[] shares = new double[bins];
    for (double v : values) {
      int bin = (int) Math.floor((v - low) / (high - low) * bins);
      shares[Math.max(0, Math.min(bins - 1, bin))] += 1.0 / values.length;
    }
    return shares;
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return values.length == 0 ? Double.NaN : sum / values.length;
  }

  private static double[] smooth(double[] values, int radius) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int from = Math.max(0, i - radius);
      int to = Math.min(values.length, i + radius + 1);
      for (int j = from; j < to; j++) {
        result[i] += values[j] / (to - from);
      }
    }
    return result;
  }

  private static StringBuilder open(String title, int height) {
    return new StringBuilder(
        f(
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><title>%s</title>",
            WIDTH, height, Html.escape(title), Html.escape(title)));
  }

  private static void rect(
      StringBuilder s, String css, double x, double width, double y, double height) {
    s.append(
        f(
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
            css, x, y, width - 1, height));
  }

  private static void axis(StringBuilder s, double low, double high, int y) {
    s.append(
        f(
            "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
            LEFT, WIDTH - RIGHT, y, y));
    for (int i = 0; i <= 4; i++) {
      double x = LEFT + (WIDTH - LEFT - RIGHT) * i / 4.0;
      double value = low + (high - low) * i / 4;
      s.append(
          f(
              high - low > 10
                  ? "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>"
                  : "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.2f</text>",
              x,
              y + 18,
              value));
    }
  }

  private static void mean(StringBuilder s, String css, double[] values, double low, double high) {
    double mean = mean(values);
    if (Double.isFinite(mean)) {
      double x =
          LEFT + (WIDTH - LEFT - RIGHT) * Math.max(0, Math.min(1, (mean - low) / (high - low)));
      s.append(
          f("<line class=\"mean %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"12\" y2=\"160\"/>", css, x, x));
    }
  }

  private static void path(StringBuilder s, String css, double[] values, int longest, double top) {
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        d.append(
            f(
                "%s%.1f %.1f",
                d.isEmpty() ? "M" : "L",
                LEFT + (WIDTH - LEFT - RIGHT) * (double) i / Math.max(1, longest - 1),
                220 - 200 * values[i] / top));
      }
    }
    s.append("<path class=\"").append(css).append("\" d=\"").append(d).append("\"/>");
  }

  private static String f(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
