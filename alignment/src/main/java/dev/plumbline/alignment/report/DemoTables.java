package dev.plumbline.alignment.report;

import dev.plumbline.alignment.statistics.Interval;
import java.util.List;

/** The tables of a report, for the page and for the terminal. */
final class DemoTables {
  private static final int NAME_WIDTH = 16;
  private static final List<String> WORDS =
      List.of("Second", "At 5 %"); // columns of words, set left

  private DemoTables() {}

  /** Both tables as text, at most 100 columns. */
  static String text(DemoResult result) {
    TextTable arms =
        new TextTable()
            .row(
                "model",
                "accuracy % (95 %)",
                "assessment % (95 %)",
                "macro %",
                "ref. ppl",
                "cut off",
                "training");
    for (DemoResult.Arm arm : result.arms()) {
      arms.row(
          TextTable.name(arm.name(), NAME_WIDTH),
          withBounds(arm.accuracy()),
          withBounds(arm.assessment()),
          Numbers.percent(arm.assessmentMacro()),
          Numbers.decimal(arm.referencePerplexity(), 3),
          Integer.toString(arm.truncated()),
          training(arm));
    }
    if (result.tests().isEmpty()) {
      return arms.toString();
    }
    TextTable tests =
        new TextTable().row("paired on the same questions", "b", "c", "p", "difference (95 %)", "");
    for (DemoResult.PairedTest test : result.tests()) {
      Interval d = test.difference();
      tests.row(
          TextTable.name(test.first(), NAME_WIDTH)
              + " -> "
              + TextTable.name(test.second(), NAME_WIDTH),
          Integer.toString(test.onlyFirst()),
          Integer.toString(test.onlySecond()),
          Numbers.p(test.p()),
          Numbers.points(d.estimate())
              + " ("
              + Numbers.points(d.low())
              + " to "
              + Numbers.points(d.high())
              + ")",
          DemoSummary.accuracy(test) == DemoSummary.Verdict.UNDECIDED ? "undecided" : "");
    }
    return arms + "\n" + tests;
  }

  private static String withBounds(Interval interval) {
    return Numbers.percent(interval.estimate()) + " (" + Numbers.bounds(interval) + ")";
  }

  private static String training(DemoResult.Arm arm) {
    return arm.losses().length == 0 && !(arm.trainSeconds() > 0)
        ? "none"
        : Numbers.duration(arm.trainSeconds());
  }

  /** One row an arm. */
  static void arms(Html html, List<DemoResult.Arm> arms) {
    HtmlTable.open(
        html,
        "Every model on the same held-out questions. Brackets hold 95 % intervals.",
        WORDS,
        "Model",
        "Accuracy",
        "Assessment accuracy",
        "Macro assessment",
        "Reference perplexity",
        "Truncated answers",
        "Training");
    for (DemoResult.Arm arm : arms) {
      HtmlTable.row(html, arm.name(), arm.description());
      HtmlTable.cell(
          html,
          Numbers.share(arm.accuracy().estimate()),
          "[" + Numbers.bounds(arm.accuracy()) + "]",
          arm.correct() + " of " + arm.questions());
      HtmlTable.cell(
          html,
          Numbers.share(arm.assessment().estimate()),
          "[" + Numbers.bounds(arm.assessment()) + "]",
          arm.assessmentPairs() + " pairs");
      HtmlTable.cell(html, Numbers.share(arm.assessmentMacro()));
      HtmlTable.cell(html, Numbers.decimal(arm.referencePerplexity(), 3));
      HtmlTable.cell(html, Integer.toString(arm.truncated()));
      HtmlTable.cell(html, training(arm));
      html.close();
    }
    HtmlTable.close(html);
  }

  /** One row a paired test. */
  static void tests(Html html, List<DemoResult.PairedTest> tests) {
    HtmlTable.open(
        html,
        "Paired comparisons. First and second answer the same questions.",
        WORDS,
        "First",
        "Second",
        "Only first right (b)",
        "Only second right (c)",
        "Exact p",
        "Difference, points",
        "At 5 %");
    for (DemoResult.PairedTest test : tests) {
      Interval d = test.difference();
      html.line().open("tr").element("th", test.first(), "scope", "row");
      html.element("td", test.second(), "class", "word");
      HtmlTable.cell(html, Integer.toString(test.onlyFirst()));
      HtmlTable.cell(html, Integer.toString(test.onlySecond()));
      HtmlTable.cell(html, Numbers.p(test.p()));
      HtmlTable.cell(
          html,
          Numbers.points(d.estimate()),
          "[" + Numbers.points(d.low()) + " to " + Numbers.points(d.high()) + "]");
      html.element("td", DemoSummary.word(test), "class", "word").close();
    }
    HtmlTable.close(html);
  }

  /** Label and value. */
  static void facts(Html html, List<DemoResult.Fact> facts) {
    html.open("div", "class", "scroll").open("table", "class", "facts");
    html.open("caption")
        .element("span", "What is needed to judge these figures and to repeat them.")
        .close()
        .open("tbody");
    for (DemoResult.Fact fact : facts) {
      html.line()
          .open("tr")
          .element("th", fact.label(), "scope", "row")
          .element("td", fact.value())
          .close();
    }
    HtmlTable.close(html);
  }
}
