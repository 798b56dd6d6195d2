package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.CurveChart;
import dev.plumbline.alignment.report.chart.ForestPlot;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.chart.LineStyle;
import dev.plumbline.alignment.report.chart.LossChart;
import dev.plumbline.alignment.report.chart.Losses;
import dev.plumbline.alignment.report.chart.Palette;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.report.chart.ScatterChart;
import dev.plumbline.alignment.report.chart.ScorePanels;
import dev.plumbline.alignment.report.chart.TokenMap;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.HtmlTable;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Interval;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A study as one self-contained page, as text for a terminal and as Markdown. */
public final class StudyReport {
  private static final double FOREST_WIDTH = 360; // three stand side by side

  private final Study study;
  private final Palette palette;
  private final Html html;
  private final Set<String> ids = new HashSet<>();

  private StudyReport(Study study) {
    this.study = study;
    this.palette = palette(study);
    this.html = Html.page(study.title());
  }

  /** The page: well-formed as HTML and as XML, without scripts or outside resources. */
  public static String html(Study study) {
    return new StudyReport(study).page();
  }

  /** Writes the page; readers of {@code file} see the old one or the new one, never half of it. */
  public static void write(Path file, Study study) {
    Html.write(file, html(study));
  }

  /** Writes the Markdown document; readers see the old one or the new one, never half of it. */
  public static void writeMarkdown(Path file, Study study) {
    Html.write(file, markdown(study));
  }

  /** Claims and arms for a terminal, at most 100 columns wide. */
  public static String table(Study study) {
    return StudyText.of(study);
  }

  /** All but scores and cases as a Markdown document. */
  public static String markdown(Study study) {
    return StudyMarkdown.of(study);
  }

  /** The methods of all tables, then what losses, curves and points add. */
  static Palette palette(Study study) {
    Figures figures = study.figures();
    return Palette.of(
        Stream.of(
                study.tables().stream().flatMap(t -> t.arms().stream()).map(Study.Arm::name),
                figures.losses().stream().map(Losses::name),
                figures.curves().stream().flatMap(c -> c.lines().stream()).map(Curve.Line::name),
                figures.scatters().stream()
                    .flatMap(scatter -> scatter.points().stream())
                    .map(Scatter.Point::name))
            .flatMap(some -> some));
  }

  private String page() {
    headlines();
    if (!study.note().isBlank()) {
      html.element("p", study.note(), "class", "note", "role", "note");
    }
    lead();
    if (!study.claims().isEmpty()) {
      html.line().element("h2", "Claims", "id", id("claims"));
      StudyTables.claims(html, study.claims());
    }
    tables();
    comparisons();
    scores();
    losses();
    curves();
    study.figures().scatters().forEach(this::scatter);
    for (Grid grid : study.figures().grids()) {
      html.line().element("h2", grid.title(), "id", id(grid.title()));
      StudyTables.grid(html, grid);
    }
    cases();
    maps();
    if (!study.facts().isEmpty()) {
      html.line().element("h2", "How to repeat it", "id", id("repeat"));
      StudyTables.facts(html, study.facts());
    }
    return html.endPage();
  }

  private void headlines() {
    for (Headline headline : study.figures().headlines()) {
      html.line().open("div", "class", "tiles");
      for (Headline.Tile tile : headline.tiles()) {
        html.open("div", "class", "tile")
            .element("b", tile.value())
            .element("span", tile.label())
            .element("small", Numbers.typeset(tile.detail()))
            .close();
      }
      html.close().element("p", Numbers.typeset(headline.sentence()), "class", "headline");
    }
  }

  private void lead() {
    html.line().element("p", StudySummary.lead(study.claims()), "class", "lead");
    if (study.claims().isEmpty()) {
      return;
    }
    html.open("ul", "class", "verdicts");
    for (Study.Verdict verdict : Study.Verdict.values()) {
      if (!StudySummary.with(verdict, study.claims()).isEmpty()) {
        html.line().open("li");
        StudyTables.verdict(html, verdict);
        html.text(": " + StudySummary.names(verdict, study.claims())).close();
      }
    }
    html.close();
  }

  private void tables() {
    if (study.tables().stream().allMatch(table -> table.arms().isEmpty())) {
      return;
    }
    html.line().element("h2", "Figures", "id", id("figures"));
    html.element("p", StudySummary.figures(study.tables()));
    for (int t = 0; t < study.tables().size(); t++) {
      Study.Table table = study.tables().get(t);
      if (!table.arms().isEmpty()) {
        html.line().element("h3", table.caption());
        StudyTables.arms(html, table);
        StudyTables.seeds(html, table);
        forests(table, id("forest-" + t));
      }
    }
  }

  private void forests(Study.Table table, String id) {
    if (table.arms().stream().noneMatch(StudyReport::measured)) {
      return;
    }
    html.line().open("figure", "class", "forest three").open("div", "class", "panels");
    forest(table, id + "-accuracy", "Accuracy", arm -> arm.accuracy().greedy());
    forest(
        table, id + "-learned", "Assessment accuracy, learned", arm -> arm.assessment().learned());
    forest(
        table,
        id + "-held-out",
        "Assessment accuracy, held-out",
        arm -> arm.assessment().heldOut());
    html.close()
        .element(
            "figcaption",
            "Points are estimates, bars 95\u00a0% intervals; the scales differ. Intervals of two methods may overlap although a "
                + "paired test tells them apart, as it looks at the same questions.")
        .close();
  }

  private static boolean measured(Study.Arm arm) {
    return Numbers.known(arm.accuracy().greedy())
        || Numbers.known(arm.assessment().learned())
        || Numbers.known(arm.assessment().heldOut());
  }

  private void forest(
      Study.Table table, String id, String title, Function<Study.Arm, Interval> interval) {
    if (table.arms().stream().noneMatch(arm -> Numbers.known(interval.apply(arm)))) {
      return;
    }
    List<ForestPlot.Row> rows = new ArrayList<>();
    for (Study.Arm arm : table.arms()) {
      rows.add(
          new ForestPlot.Row(
              arm.name(), interval.apply(arm), new LineStyle(palette.hue(arm.name()))));
    }
    html.open("div", "class", "panel").element("h3", title);
    ForestPlot.draw(html, id, title, FOREST_WIDTH, rows);
    html.close();
  }

  private void comparisons() {
    if (study.comparisons().isEmpty()) {
      return;
    }
    html.line().element("h2", "Comparisons", "id", id("comparisons"));
    StudyTables.comparisons(html, study.comparisons());
    html.element("p", StudySummary.COMPARISONS);
  }

  private void scores() {
    if (study.figures().scores().isEmpty()) {
      return;
    }
    html.line().element("h2", "Scores of right and wrong candidates", "id", id("scores"));
    ScorePanels.draw(html, study.figures().scores());
    Grid perplexities = PerplexityTable.of(study.figures().scores());
    html.line().element("h3", perplexities.title());
    StudyTables.grid(html, perplexities);
  }

  private void losses() {
    LossChart chart = new LossChart(study.figures().losses(), palette);
    if (chart.empty()) {
      return;
    }
    html.line().element("h2", "Training loss", "id", id("losses"));
    html.open("div", "class", "chart").open("figure");
    chart.draw(html, id("losses-chart"));
    html.element("figcaption", chart.caption()).close().close();
  }

  private void curves() {
    for (Curve curve : study.figures().curves()) {
      String id = id(curve.id());
      html.line().element("h2", curve.title(), "id", id);
      CurveChart chart = new CurveChart(curve, palette);
      if (chart.empty()) {
        html.element("p", "Nothing was measured for this figure.");
        continue;
      }
      html.open("div", "class", "chart").open("figure");
      chart.draw(html, id + "-chart");
      html.element("figcaption", curve.caption() + " " + chart.marks()).close();
      html.open("details").element("summary", "The same as a table");
      List<String> headings = new ArrayList<>(List.of(curve.xLabel()));
      curve.lines().forEach(line -> headings.add(line.name()));
      HtmlTable.open(html, curve.yLabel(), List.of(), headings.toArray(String[]::new));
      for (List<String> row : chart.rows()) {
        html.line().open("tr").element("th", row.get(0), "scope", "row");
        row.subList(1, row.size()).forEach(cell -> HtmlTable.cell(html, cell));
        html.close();
      }
      HtmlTable.close(html);
      html.close().close();
    }
  }

  private void scatter(Scatter scatter) {
    String id = id("correlation");
    html.line().element("h2", scatter.title(), "id", id);
    html.element("p", ScatterChart.correlation(scatter));
    ScatterChart chart = new ScatterChart(scatter, palette);
    if (chart.points().isEmpty()) {
      return;
    }
    html.open("div", "class", "chart").open("figure");
    chart.draw(html, id + "-chart");
    html.element("figcaption", scatter.caption()).close();
    html.open("details").element("summary", "Every point");
    HtmlTable.open(html, scatter.title(), List.of(), "Model", scatter.xLabel(), scatter.yLabel());
    for (Scatter.Point point : scatter.points()) {
      html.line().open("tr").element("th", point.name(), "scope", "row");
      HtmlTable.cell(html, chart.x(point));
      HtmlTable.cell(html, chart.y(point));
      html.close();
    }
    HtmlTable.close(html);
    html.close().close();
  }

  private void cases() {
    if (study.figures().cases().isEmpty()) {
      return;
    }
    html.line().element("h2", "Cases", "id", id("cases"));
    html.element(
        "p", "Questions to be read one by one; how often each thing happens is in the tables.");
    for (int c = 0; c < study.figures().cases().size(); c++) {
      StudyCases.draw(html, study.figures().cases().get(c), c + 1);
    }
  }

  private void maps() {
    if (study.figures().texts().isEmpty()) {
      return;
    }
    html.line().element("h2", "Token by token", "id", id("maps"));
    study.figures().texts().forEach(map -> TokenMap.draw(html, map));
  }

  /** An id that stands once on the page. */
  private String id(String wish) {
    String id = wish.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
    String unique = id;
    for (int i = 2; !ids.add(unique); i++) {
      unique = id + "-" + i;
    }
    return unique;
  }
}
