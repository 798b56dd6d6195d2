package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.statistics.Interval;
import java.util.List;

/**
 * Two quantities over models.
 *
 * @param title heading
 * @param caption what a point is
 * @param xLabel label of the horizontal axis; with a % as {@link Curve#yLabel}
 * @param yLabel label of the vertical axis
 * @param r Pearson's correlation with its 95 % interval (Fisher's z)
 * @param points one per model
 */
public record Scatter(
    String title, String caption, String xLabel, String yLabel, Interval r, List<Point> points)
    implements Figure {

  /** A model in a scatter plot. */
  public record Point(String name, double x, double y) {}
}
