package dev.plumbline.alignment.report.chart;

import static dev.plumbline.alignment.report.chart.Plot.n;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import java.util.Arrays;
import java.util.List;

/**
 * Loss by training step: a running mean over the faint raw curve, one pair of lines per model.
 *
 * @param models their losses; those without any are left out
 * @param palette the methods' colours on the page
 */
public record LossChart(List<Losses> models, Palette palette) {
  private static final Plot PLOT = new Plot(64, 36, 700, 300);
  private static final int MAX_POINTS = 1500;

  /** Whether there is nothing to draw. */
  public boolean empty() {
    return models.stream().noneMatch(m -> Arrays.stream(m.values()).anyMatch(Double::isFinite));
  }

  private LineStyle style(Losses model) {
    return new LineStyle(palette.hue(model.name()));
  }

  private List<Losses> drawn() {
    return models.stream().filter(model -> model.values().length > 0).toList();
  }

  private int longest() {
    return models.stream().mapToInt(model -> model.values().length).max().orElse(1);
  }

  /** Legend and drawing. */
  public void draw(Html html, String id) {
    Legend.open(html);
    drawn().forEach(model -> Legend.line(html, style(model), model.name()));
    html.close();
    double[] all =
        models.stream()
            .flatMapToDouble(m -> Arrays.stream(m.values()))
            .filter(Double::isFinite)
            .toArray();
    Axis losses =
        Axis.of(Arrays.stream(all).min().orElse(0), Arrays.stream(all).max().orElse(1), 5);
    Axis steps = Axis.counting(longest());
    StringBuilder description = new StringBuilder();
    for (Losses model : drawn()) {
      double[] smooth = smooth(model.values());
      description.append(
          model.name()
              + ": running mean from "
              + Numbers.decimal(smooth[0], 4)
              + " to "
              + Numbers.decimal(smooth[smooth.length - 1], 4)
              + " in "
              + smooth.length
              + " steps. ");
    }
    Plot.open(html, id, 720, 350, "Training loss by step", description.toString().strip());
    PLOT.vertical(html, losses, "loss");
    for (boolean raw : new boolean[] {true, false}) {
      for (Losses model : drawn()) {
        html.leaf(
            "path",
            "class",
            (raw ? "raw" : "smooth") + " " + style(model).colour(),
            "d",
            path(raw ? model.values() : smooth(model.values()), steps, losses));
      }
    }
    PLOT.horizontal(html, steps, "training step");
    html.close();
  }

  /** What the lines are, and what is not drawn. */
  public String caption() {
    long missing =
        models.stream()
            .flatMapToDouble(m -> Arrays.stream(m.values()))
            .filter(v -> !Double.isFinite(v))
            .count();
    return "Loss of each training step (faint) and its running mean over a twentieth of the run (strong; "
        + window(longest())
        + " steps in the longest run). Models trained on different objectives minimise different quantities: compare the shapes "
        + "of their curves, not the heights."
        + (stride(longest()) == 1
            ? ""
            : " Of the longest run every " + stride(longest()) + "th step is drawn.")
        + (missing == 0 ? "" : " " + missing + " losses that are not finite numbers leave gaps.");
  }

  /**
   * Steps that a running mean takes in: a twentieth of the run, an odd number so that it is
   * centred.
   */
  public static int window(int steps) {
    return Math.max(1, steps / 20) | 1;
  }

  /** Centred running mean of the finite values; shorter at both ends. */
  public static double[] smooth(double[] values) {
    int half = window(values.length) / 2;
    double[] smooth = new double[values.length];
    Arrays.setAll(
        smooth,
        i ->
            Numbers.mean(
                Arrays.copyOfRange(
                    values, Math.max(0, i - half), Math.min(values.length, i + half + 1))));
    return smooth;
  }

  /** Every how many steps a point is drawn. */
  public static int stride(int steps) {
    return Math.max(1, (steps + MAX_POINTS - 1) / MAX_POINTS);
  }

  /**
   * A line through the values, broken where one is missing. The one point of a one-step run is a
   * dot by its round cap.
   */
  private static String path(double[] values, Axis steps, Axis losses) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int i = 0; i < values.length; i += stride(values.length)) {
      boolean finite = Double.isFinite(values[i]);
      if (finite) {
        String point = n(PLOT.x(steps, i + 1)) + " " + n(PLOT.y(losses, values[i]));
        path.append(drawing ? "L" + point : "M" + point + "L" + point);
      }
      drawing = finite;
    }
    return path.toString();
  }
}
