package dev.plumbline.alignment.report;

import dev.plumbline.tensor.statistics.Interval;
import java.util.List;

/** The tables of a report, for the page and for the terminal. */
final class DemoTables {
  private static final int ARM_STYLES = 6;
  private static final int NAME_WIDTH = 16;
  private static final List<String> WORDS =
      List.of("Second", "At 5 %"); // columns of words, set left

  private DemoTables() {}

  /** Number of the colour and dash of an arm. */
  static int style(int arm) {
    return arm % ARM_STYLES;
  }

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
    open(
        html,
        "Every model on the same held-out questions. Brackets hold 95 % intervals.",
        "Model",
        "Accuracy",
        "Assessment accuracy",
        "Macro assessment",
        "Reference perplexity",
        "Truncated answers",
        "Training");
    for (DemoResult.Arm arm : arms) {
      html.line()
          .open("tr")
          .open("th", "scope", "row")
          .text(arm.name())
          .element("small", arm.description())
          .close();
      cell(
          html,
          Numbers.share(arm.accuracy().estimate()),
          "[" + Numbers.bounds(arm.accuracy()) + "]",
          arm.correct() + " of " + arm.questions());
      cell(
          html,
          Numbers.share(arm.assessment().estimate()),
          "[" + Numbers.bounds(arm.assessment()) + "]",
          arm.assessmentPairs() + " pairs");
      cell(html, Numbers.share(arm.assessmentMacro()));
      cell(html, Numbers.decimal(arm.referencePerplexity(), 3));
      cell(html, Integer.toString(arm.truncated()));
      cell(html, training(arm));
      html.close();
    }
    close(html);
  }

  /** One row a paired test. */
  static void tests(Html html, List<DemoResult.PairedTest> tests) {
    open(
        html,
        "Paired comparisons. First and second answer the same questions.",
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
      cell(html, Integer.toString(test.onlyFirst()));
      cell(html, Integer.toString(test.onlySecond()));
      cell(html, Numbers.p(test.p()));
      cell(
          html,
          Numbers.points(d.estimate()),
          "[" + Numbers.points(d.low()) + " to " + Numbers.points(d.high()) + "]");
      html.element("td", DemoSummary.word(test), "class", "word").close();
    }
    close(html);
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
    close(html);
  }

  private static void open(Html html, String caption, String... headings) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption)
        .open("table")
        .open("caption")
        .element("span", caption)
        .close();
    html.open("thead").open("tr");
    for (String heading : headings) {
      html.element(
          "th", heading, "scope", "col", "class", WORDS.contains(heading) ? "word" : "number");
    }
    html.close().close().open("tbody");
  }

  private static void close(Html html) {
    html.close().close().close();
  }

  private static void cell(Html html, String figure, String... notes) {
    html.open("td").text(Numbers.typeset(figure));
    for (String note : notes) {
      html.element("small", Numbers.typeset(note));
    }
    html.close();
  }
}
