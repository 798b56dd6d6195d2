package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.HtmlTable;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tables of a study's page. */
final class StudyTables {
  private StudyTables() {}

  /** One row per claim. */
  static void claims(Html html, List<Study.Claim> claims) {
    HtmlTable.open(
        html,
        "The paper's claims and what we found.",
        List.of("Verdict", "We found", "The paper's figures", "Where"),
        "Claim",
        "Verdict",
        "We found",
        "The paper's figures",
        "Where");
    for (Study.Claim claim : claims) {
      html.line()
          .open("tr")
          .element("th", StudySummary.claim(claim), "scope", "row", "class", "prose");
      html.open("td", "class", "word verdict");
      verdict(html, claim.verdict());
      html.close();
      html.element("td", Numbers.typeset(claim.found()), "class", "prose");
      html.element(
          "td", claim.paper().isBlank() ? "\u2013" : claim.paper(), "class", "prose short");
      html.element("td", claim.source(), "class", "prose short").close();
    }
    HtmlTable.close(html);
    html.element("p", StudySummary.count(claims));
  }

  /** A verdict as a symbol and a word, in its colour. */
  static void verdict(Html html, Study.Verdict verdict) {
    html.element(
        "b",
        StudySummary.symbol(verdict) + "\u00a0" + verdict.words(),
        "class",
        verdict.name().toLowerCase(Locale.ROOT));
  }

  /** Words and figures as they are. */
  static void grid(Html html, Grid grid) {
    HtmlTable.open(html, grid.note(), List.of(), grid.headings().toArray(String[]::new));
    for (List<String> row : grid.rows()) {
      html.line().open("tr").element("th", row.get(0), "scope", "row");
      row.subList(1, row.size()).forEach(cell -> HtmlTable.cell(html, cell));
      html.close();
    }
    HtmlTable.close(html);
  }

  /** One row per arm. */
  static void arms(Html html, Study.Table table) {
    List<String> headings = new ArrayList<>(List.of("Method", "Accuracy"));
    if (table.sampled()) {
      headings.add("Sampled accuracy");
    }
    table.assessed().forEach(column -> headings.add("Assessment accuracy, " + column.words()));
    headings.addAll(List.of("Reference perplexity", "Repetition", "Training per seed"));
    HtmlTable.open(
        html,
        "Methods on the same held-out questions. Brackets hold 95 % intervals.",
        List.of(),
        headings.toArray(String[]::new));
    for (Study.Arm arm : table.arms()) {
      HtmlTable.row(html, arm.name(), arm.description());
      share(html, arm.accuracy().greedy(), StudySummary.seeds(arm.seeds()));
      if (table.sampled()) {
        share(html, arm.accuracy().sampled());
      }
      table.assessed().forEach(column -> share(html, column.of(arm)));
      HtmlTable.cell(html, Numbers.decimal(arm.perplexity(), 3));
      HtmlTable.cell(html, Numbers.share(arm.repetition()));
      HtmlTable.cell(html, StudySummary.training(arm.seeds()));
      html.close();
    }
    HtmlTable.close(html);
  }

  private static void share(Html html, Interval interval, String... notes) {
    List<String> below = new ArrayList<>();
    if (Numbers.known(interval)) {
      below.add("[" + Numbers.bounds(interval) + "]");
    }
    below.addAll(List.of(notes));
    HtmlTable.cell(html, Numbers.share(interval.estimate()), below.toArray(String[]::new));
  }

  /** One row a trained model, to be unfolded. */
  static void seeds(Html html, Study.Table table) {
    if (table.arms().stream().allMatch(arm -> arm.seeds().isEmpty())) {
      return;
    }
    html.line().open("details").element("summary", "Every seed");
    List<String> headings = new ArrayList<>(List.of("Method", "Seed", "Accuracy"));
    if (table.sampled()) {
      headings.add("Sampled accuracy");
    }
    headings.addAll(List.of("Training", "Final loss"));
    HtmlTable.open(html, "Every trained model.", List.of(), headings.toArray(String[]::new));
    for (Study.Arm arm : table.arms()) {
      for (Study.Seed seed : arm.seeds()) {
        html.line().open("tr").element("th", arm.name(), "scope", "row");
        HtmlTable.cell(html, Long.toString(seed.seed()));
        HtmlTable.cell(html, Numbers.share(seed.accuracy()));
        if (table.sampled()) {
          HtmlTable.cell(html, Numbers.share(seed.sampled()));
        }
        HtmlTable.cell(html, Numbers.duration(seed.trainSeconds()));
        HtmlTable.cell(html, Numbers.decimal(seed.loss(), 4));
        html.close();
      }
    }
    HtmlTable.close(html);
    html.close();
  }

  /** One row a comparison. */
  static void comparisons(Html html, List<Study.Comparison> comparisons) {
    HtmlTable.open(
        html,
        "Paired comparisons. First and second answer the same questions.",
        List.of("Second", "Measure", "Outcome"),
        StudySummary.COMPARED.toArray(String[]::new));
    for (Study.Comparison c : comparisons) {
      Clustered d = c.tested().difference();
      html.line().open("tr").element("th", c.first(), "scope", "row");
      html.element("td", c.second(), "class", "word");
      html.element("td", c.measure(), "class", "word");
      HtmlTable.cell(
          html,
          Numbers.points(d.estimate()),
          Numbers.known(d.interval())
              ? "["
                  + Numbers.points(d.interval().low())
                  + " to "
                  + Numbers.points(d.interval().high())
                  + "]"
              : "");
      HtmlTable.cell(html, Numbers.percent(d.deviation()));
      HtmlTable.cell(html, Numbers.p(d.p()));
      HtmlTable.cell(html, Numbers.p(c.tested().p()), c.tested().primary() ? "primary" : "");
      html.element("td", c.tested().outcome().words(), "class", "word").close();
    }
    HtmlTable.close(html);
  }

  /** Label and value. */
  static void facts(Html html, List<Study.Fact> facts) {
    html.open("div", "class", "scroll").open("table", "class", "facts");
    html.open("caption")
        .element("span", "What is needed to judge these figures and to repeat them.")
        .close()
        .open("tbody");
    for (Study.Fact fact : facts) {
      html.line()
          .open("tr")
          .element("th", fact.label(), "scope", "row")
          .element("td", fact.value())
          .close();
    }
    HtmlTable.close(html);
  }
}
