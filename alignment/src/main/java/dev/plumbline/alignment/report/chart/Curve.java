package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.statistics.Interval;
import java.util.List;

/**
 * A figure with lines.
 *
 * @param id for links, lower case
 * @param title heading
 * @param caption what it shows and on which questions
 * @param xLabel what is swept
 * @param yLabel with its unit; values under a label with a % are shares and shown times 100
 * @param x labels of the swept values, in order; evenly spaced
 * @param lines one per method
 */
public record Curve(
    String id,
    String title,
    String caption,
    String xLabel,
    String yLabel,
    List<String> x,
    List<Line> lines)
    implements Figure {
  /** Refuses lines that do not fit the swept values. */
  public Curve {
    for (Line line : lines) {
      if (line.values().size() != x.size()) {
        throw new IllegalArgumentException(
            "The line "
                + line.name()
                + " of the curve "
                + id
                + " has "
                + line.values().size()
                + " values for "
                + x.size()
                + " swept ones; give null where nothing was measured.");
      }
    }
  }

  /** A method's values by x; an entry may be null where nothing was measured. */
  public record Line(String name, List<Interval> values) {}
}
