package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.CurveChart;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.chart.Palette;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.report.chart.ScatterChart;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A study as a Markdown document with tables as GitHub reads them. */
final class StudyMarkdown {
  private final StringBuilder out = new StringBuilder();

  private StudyMarkdown() {}

  /** Facts, claims, arms, comparisons, perplexities, curves, correlations and grids. */
  static String of(Study study) {
    StudyMarkdown page = new StudyMarkdown();
    page.out.append("# ").append(escape(study.title())).append('\n');
    study.figures().headlines().forEach(page::headline);
    if (!study.note().isBlank()) {
      page.paragraph("> " + escape(study.note()));
    }
    page.paragraph(escape(StudySummary.lead(study.claims())));
    page.facts(study.facts());
    page.claims(study.claims());
    page.arms(study.tables());
    page.comparisons(study.comparisons());
    if (!study.figures().scores().isEmpty()) {
      page.grid(PerplexityTable.of(study.figures().scores()));
    }
    study.figures().curves().forEach(page::curve);
    study.figures().scatters().forEach(page::correlation);
    study.figures().grids().forEach(page::grid);
    return page.out.toString();
  }

  private void headline(Headline headline) {
    paragraph("**" + escape(headline.sentence()) + "**");
    head(2, "", "", "");
    headline.tiles().forEach(tile -> row(tile.label(), tile.value(), tile.detail()));
  }

  private void facts(List<Study.Fact> facts) {
    if (!facts.isEmpty()) {
      heading("How to repeat it");
      head(2, "", "");
      facts.forEach(fact -> row(fact.label(), fact.value()));
    }
  }

  private void claims(List<Study.Claim> claims) {
    if (!claims.isEmpty()) {
      heading("Claims");
      head(5, "Claim", "Verdict", "We found", "The paper's figures", "Where");
      for (Study.Claim c : claims) {
        String verdict = StudySummary.symbol(c.verdict()) + " " + c.verdict().words();
        row(StudySummary.claim(c), verdict, c.found(), c.paper(), c.source());
      }
      paragraph(escape(StudySummary.count(claims)));
    }
  }

  private void arms(List<Study.Table> tables) {
    for (Study.Table table : tables) {
      if (!table.arms().isEmpty()) {
        heading(table.caption());
        List<String> headings =
            new ArrayList<>(List.of("Method", "How it was trained", "Accuracy, %", "Seeds, %"));
        if (table.sampled()) {
          headings.add("Sampled, %");
        }
        table.assessed().forEach(column -> headings.add("Assessment " + column.words() + ", %"));
        headings.addAll(List.of("Reference perplexity", "Repetition, %", "Training per seed"));
        head(2, headings.toArray(String[]::new));
        for (Study.Arm arm : table.arms()) {
          List<String> cells = new ArrayList<>(List.of(arm.name(), arm.description()));
          cells.add(share(arm.accuracy().greedy()));
          cells.add(StudySummary.seeds(arm.seeds()));
          if (table.sampled()) {
            cells.add(share(arm.accuracy().sampled()));
          }
          table.assessed().forEach(column -> cells.add(share(column.of(arm))));
          cells.add(Numbers.decimal(arm.perplexity(), 3));
          cells.add(Numbers.percent(arm.repetition()));
          cells.add(StudySummary.training(arm.seeds()));
          row(cells.toArray(String[]::new));
        }
      }
    }
    if (tables.stream().anyMatch(table -> !table.arms().isEmpty())) {
      paragraph(escape(StudySummary.figures(tables)));
    }
  }

  private static String share(Interval interval) {
    return Numbers.percent(interval.estimate())
        + (Numbers.known(interval) ? " (" + Numbers.bounds(interval) + ")" : "");
  }

  private void comparisons(List<Study.Comparison> comparisons) {
    if (comparisons.isEmpty()) {
      return;
    }
    heading("Comparisons");
    head(3, StudySummary.COMPARED.toArray(String[]::new));
    for (Study.Comparison c : comparisons) {
      Study.Tested tested = c.tested();
      row(
          c.first(),
          c.second(),
          c.measure(),
          Numbers.points(tested.difference().interval()),
          Numbers.percent(tested.difference().deviation()),
          Numbers.p(tested.difference().p()),
          Numbers.p(tested.p()) + (tested.primary() ? " (primary)" : ""),
          tested.outcome().words());
    }
    paragraph(escape(StudySummary.COMPARISONS));
  }

  private void grid(Grid grid) {
    heading(grid.title());
    head(1, grid.headings().toArray(String[]::new));
    grid.rows().forEach(cells -> row(cells.toArray(String[]::new)));
    paragraph(escape(grid.note()));
  }

  private void curve(Curve curve) {
    heading(curve.title());
    List<String> headings = new ArrayList<>(List.of(curve.xLabel()));
    curve.lines().forEach(line -> headings.add(line.name()));
    head(1, headings.toArray(String[]::new));
    new CurveChart(curve, new Palette(List.of()))
        .rows()
        .forEach(cells -> row(cells.toArray(String[]::new)));
    paragraph(escape(curve.yLabel() + ". " + curve.caption()));
  }

  private void correlation(Scatter scatter) {
    heading(scatter.title());
    paragraph(escape(ScatterChart.correlation(scatter) + " " + scatter.caption()));
  }

  private void heading(String text) {
    out.append("\n## ").append(escape(text)).append('\n');
  }

  private void paragraph(String markup) {
    out.append('\n').append(markup).append('\n');
  }

  /** Headings; the first {@code words} columns are set left, the others right. */
  private void head(int words, String... headings) {
    out.append('\n');
    row(headings);
    for (int i = 0; i < headings.length; i++) {
      out.append(i < words ? "|---" : "|--:");
    }
    out.append("|\n");
  }

  private void row(String... cells) {
    out.append("| ")
        .append(String.join(" | ", Arrays.stream(cells).map(StudyMarkdown::escape).toList()))
        .append(" |\n");
  }

  /** Text on one line in which nothing is markup; as {@link Html#escape} for odd characters. */
  static String escape(String text) {
    return Html.escape(text.strip().replaceAll("\\s+", " "))
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replaceAll("[\\\\`*_\\[\\]|~$#]", "\\\\$0")
        .replaceAll("(?<=\\w)\\\\_(?=\\w)", "_");
  }
}
