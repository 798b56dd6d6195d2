package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.report.chart.ScoreHistogram;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Quantiles;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** How likely whole candidates are: quartiles of the perplexity exp(-s) of right and wrong ones. */
final class PerplexityTable {
  private static final List<String> HEADINGS = List.of("Model", "Right", "Wrong", "Reference");
  private static final int DIGITS = 3;

  private PerplexityTable() {}

  /** One row per model; the column of references only if some model has them. */
  static Grid of(List<Scores> models) {
    boolean references = models.stream().anyMatch(model -> model.reference().length > 0);
    int columns = references ? HEADINGS.size() : HEADINGS.size() - 1;
    List<List<String>> rows =
        models.stream()
            .map(
                model ->
                    Stream.concat(
                            Stream.of(model.name()),
                            ScoreHistogram.series(model).stream().map(PerplexityTable::quartiles))
                        .limit(columns)
                        .toList())
            .toList();
    return new Grid(
        "Perplexity of right and wrong candidates",
        "exp(\u2212s) of a candidate, its median with the first and third quartile. A loss that only widens the gap may make both "
            + "kinds of candidates unlikely.",
        HEADINGS.subList(0, columns),
        rows);
  }

  private static String quartiles(double[] scores) {
    double[] perplexities =
        Arrays.stream(scores).filter(Double::isFinite).map(s -> Math.exp(-s)).toArray();
    if (perplexities.length == 0) {
      return Numbers.NONE;
    }
    double[] q = Quantiles.of(perplexities, 0.25, 0.5, 0.75);
    return Numbers.decimal(q[1], DIGITS)
        + " ("
        + Numbers.decimal(q[0], DIGITS)
        + " to "
        + Numbers.decimal(q[2], DIGITS)
        + ")";
  }
}
