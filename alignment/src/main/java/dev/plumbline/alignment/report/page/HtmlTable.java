package dev.plumbline.alignment.report.page;

import java.util.List;

/** A table of a page that scrolls within its own box where it is wider than the page. */
public final class HtmlTable {
  private HtmlTable() {}

  /**
   * Opens the table and its body.
   *
   * @param words headings of columns that hold words and are set left; all others hold figures
   */
  public static void open(Html html, String caption, List<String> words, String... headings) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption)
        .open("table")
        .open("caption")
        .element("span", caption)
        .close();
    html.open("thead").open("tr");
    for (String heading : headings) {
      html.element(
          "th", heading, "scope", "col", "class", words.contains(heading) ? "word" : "number");
    }
    html.close().close().open("tbody");
  }

  /** Opens a row with the name of what it is about. */
  public static void row(Html html, String name, String description) {
    html.line().open("tr").open("th", "scope", "row").text(name);
    html.element("small", description).close();
  }

  /** A figure with notes below it, except empty ones. */
  public static void cell(Html html, String figure, String... notes) {
    html.open("td").text(Numbers.typeset(figure));
    for (String note : notes) {
      if (!note.isEmpty()) {
        html.element("small", Numbers.typeset(note));
      }
    }
    html.close();
  }

  /** Closes what {@link #open} opened. */
  public static void close(Html html) {
    html.close().close().close();
  }
}
