package dev.plumbline.alignment.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Columns of text for a terminal: the first to the left, the others to the right, each as wide as
 * its widest cell.
 */
public final class TextTable {
  private final List<String[]> rows = new ArrayList<>();

  /** Adds a row; the first one is the heading. */
  public TextTable row(String... cells) {
    String[] clean = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      clean[i] = cells[i].replace('\u00a0', ' ').replaceAll("\\p{Cntrl}", " ");
    }
    rows.add(clean);
    return this;
  }

  /** A name, shortened with an ellipsis where it is longer than a column should be. */
  public static String name(String name, int width) {
    return width(name) <= width
        ? name
        : name.substring(0, name.offsetByCodePoints(0, width - 1)) + "\u2026";
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row[i]));
      }
    }
    StringBuilder out = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = rows.get(r)[i];
        String padding = " ".repeat(widths[i] - width(cell));
        line.append(i == 0 ? cell + padding : "  " + padding + cell);
      }
      out.append(line).append('\n');
      if (r == 0) {
        out.append("-".repeat(width(line.toString()))).append('\n');
      }
    }
    return out.toString();
  }
}
