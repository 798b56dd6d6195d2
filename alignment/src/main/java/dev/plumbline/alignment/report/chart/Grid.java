package dev.plumbline.alignment.report.chart;

import java.util.List;

/**
 * A table of words and figures.
 *
 * @param title heading
 * @param note what the columns mean
 * @param headings of the columns; the first column names the row
 * @param rows cells, as many as headings
 */
public record Grid(String title, String note, List<String> headings, List<List<String>> rows)
    implements Figure {
  /** Refuses rows that do not fit the headings. */
  public Grid {
    for (List<String> row : rows) {
      if (row.size() != headings.size()) {
        throw new IllegalArgumentException(
            "A row of the table "
                + title
                + " has "
                + row.size()
                + " cells under "
                + headings.size()
                + " headings.");
      }
    }
  }
}
