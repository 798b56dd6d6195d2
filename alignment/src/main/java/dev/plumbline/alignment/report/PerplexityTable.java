package dev.plumbline.alignment.report;

import dev.plumbline.tensor.statistics.Quantiles;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** How likely whole candidates are: quartiles of the perplexity exp(-s) of right and wrong ones. */
final class PerplexityTable {
  static final String TITLE = "Perplexity of right and wrong candidates";
  static final String CAPTION =
      "exp(\u2212s) of a candidate, its median with the first and third quartile. A loss that only widens the gap may make both kinds "
          + "of candidates unlikely.";
  static final List<String> HEADINGS = List.of("Model", "Right", "Wrong", "Reference");
  private static final int DIGITS = 3;

  private PerplexityTable() {}

  /** One row a model; the column of references only where a model has some. */
  static List<List<String>> rows(List<Study.Scores> models) {
    int columns = columns(models);
    return models.stream()
        .map(
            model ->
                Stream.concat(
                        Stream.of(model.name()),
                        ScoreHistogram.series(model).stream().map(PerplexityTable::quartiles))
                    .limit(columns)
                    .toList())
        .toList();
  }

  /** The headings that {@link #rows} has columns for. */
  static List<String> headings(List<Study.Scores> models) {
    return HEADINGS.subList(0, columns(models));
  }

  private static int columns(List<Study.Scores> models) {
    boolean references = models.stream().anyMatch(model -> model.reference().length > 0);
    return references ? HEADINGS.size() : HEADINGS.size() - 1;
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

  static void draw(Html html, List<Study.Scores> models) {
    HtmlTable.open(html, TITLE, List.of(), headings(models).toArray(String[]::new));
    for (List<String> row : rows(models)) {
      html.line().open("tr").element("th", row.get(0), "scope", "row");
      row.subList(1, row.size()).forEach(cell -> HtmlTable.cell(html, cell));
      html.close();
    }
    HtmlTable.close(html);
    html.element("p", CAPTION);
  }
}
