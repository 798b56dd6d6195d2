package dev.plumbline.alignment.report;

import static dev.plumbline.alignment.report.Plot.n;

import java.util.Arrays;
import java.util.List;

/**
 * Loss by training step: a running mean over the faint raw curve, one pair of lines an arm.
 *
 * @param arms all arms, so that each keeps its colour; those without losses are left out
 */
record LossChart(List<DemoResult.Arm> arms) {
  private static final Plot PLOT = new Plot(64, 36, 700, 300);
  private static final int MAX_POINTS = 1500;

  /** Whether there is anything to draw. */
  boolean empty() {
    return arms.stream().noneMatch(arm -> Arrays.stream(arm.losses()).anyMatch(Double::isFinite));
  }

  /** Draws the chart. */
  void draw(Html html, String id) {
    double[] all =
        arms.stream()
            .flatMapToDouble(a -> Arrays.stream(a.losses()))
            .filter(Double::isFinite)
            .toArray();
    Axis losses =
        Axis.of(Arrays.stream(all).min().orElse(0), Arrays.stream(all).max().orElse(1), 5);
    Axis steps = Axis.counting(arms.stream().mapToInt(a -> a.losses().length).max().orElse(1));
    StringBuilder description = new StringBuilder();
    for (DemoResult.Arm arm : arms) {
      if (arm.losses().length > 0) {
        double[] smooth = smooth(arm.losses());
        description.append(
            arm.name()
                + ": running mean from "
                + Numbers.decimal(smooth[0], 4)
                + " to "
                + Numbers.decimal(smooth[smooth.length - 1], 4)
                + " in "
                + smooth.length
                + " steps. ");
      }
    }
    Plot.open(html, id, 720, 350, "Training loss by step", description.toString().strip());
    PLOT.vertical(html, losses, "loss");
    for (boolean raw : new boolean[] {true, false}) {
      for (int i = 0; i < arms.size(); i++) {
        double[] values = arms.get(i).losses();
        if (values.length > 0) {
          html.leaf(
              "path",
              "class",
              (raw ? "raw" : "smooth") + " " + new LineStyle(i).colour(),
              "d",
              path(raw ? values : smooth(values), steps, losses));
        }
      }
    }
    PLOT.horizontal(html, steps, "training step");
    html.close();
  }

  /**
   * Steps that a running mean takes in: a twentieth of the run, an odd number so that it is
   * centred.
   */
  static int window(int steps) {
    return Math.max(1, steps / 20) | 1;
  }

  /** Centred running mean of the finite values; shorter at both ends. */
  static double[] smooth(double[] values) {
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
  static int stride(int steps) {
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
