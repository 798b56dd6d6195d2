package dev.plumbline.alignment.report;

import dev.plumbline.alignment.statistics.Interval;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The result of a comparison as one self-contained page, and as a table for the terminal. */
public final class DemoReport {
  private static final String SYNTHETIC =
      "These figures come from a small model on generated (synthetic) problems. They show what the method does here, "
          + "not what it does to a large model on real questions.";
  private final DemoResult result;
  private final Html html;

  private DemoReport(DemoResult result) {
    this.result = result;
    this.html = Html.page(result.title());
  }

  /** The page: well-formed as HTML and as XML, without scripts or outside resources. */
  public static String html(DemoResult result) {
    return new DemoReport(result).page();
  }

  /** Writes the page; readers of {@code file} see the old one or the new one, never half of it. */
  public static void write(Path file, DemoResult result) {
    Html.write(file, html(result));
  }

  /** The main figures for a terminal, at most 100 columns wide. */
  public static String table(DemoResult result) {
    return DemoTables.text(result);
  }

  private String page() {
    html.open("p", "class", "note", "role", "note")
        .element("strong", "Small model, synthetic problems. ")
        .text(SYNTHETIC)
        .close();
    html.line().element("p", DemoSummary.paragraph(result), "class", "lead");
    figures();
    scores();
    losses();
    examples();
    html.line().element("h2", "How to repeat it");
    DemoTables.facts(html, result.facts());
    return html.endPage();
  }

  private void figures() {
    html.line().element("h2", "Figures");
    DemoTables.arms(html, result.arms());
    html.element(
        "p",
        "Accuracy: share of held-out questions that the greedy answer solves. Assessment accuracy: share of right-wrong pairs of "
            + "candidates in which the right one scores higher; macro is its mean over questions. Reference perplexity: exp of the mean "
            + "negative log-probability of the gold solutions' tokens, lower is better. Truncated answers ran into the token limit.");
    if (!result.tests().isEmpty()) {
      html.line();
      DemoTables.tests(html, result.tests());
      html.element(
          "p",
          "Exact McNemar test, two-sided, on the questions that only one of the two solves; the difference is the second's accuracy "
              + "less the first's, its interval a paired bootstrap of 95\u00a0%. \u201cUndecided\u201d means that p exceeds 0.05 or the interval "
              + "holds 0. The p-values are not corrected for the number of comparisons.");
    }
    html.line().open("figure", "class", "forest").open("div", "class", "panels");
    forest("forest-accuracy", "Accuracy", DemoResult.Arm::accuracy);
    forest("forest-assessment", "Assessment accuracy", DemoResult.Arm::assessment);
    html.close()
        .element(
            "figcaption",
            "Points are estimates, bars Wilson's 95\u00a0% intervals; the two scales differ. Accuracy intervals of two models may overlap "
                + "although the paired test above tells them apart, as it looks at the same questions. The assessment interval takes pairs as "
                + "independent, but pairs of one question share candidates: it is too narrow.")
        .close();
  }

  private void forest(String id, String title, Function<DemoResult.Arm, Interval> interval) {
    html.open("div", "class", "panel").element("h3", title);
    List<ForestPlot.Row> rows = new ArrayList<>();
    for (DemoResult.Arm arm : result.arms()) {
      rows.add(new ForestPlot.Row(arm.name(), interval.apply(arm), new LineStyle(rows.size())));
    }
    ForestPlot.draw(html, id, title, 480, rows);
    html.close();
  }

  private void scores() {
    html.line().element("h2", "Scores of right and wrong candidates");
    ScorePanels.draw(html, result.arms().stream().map(DemoResult.Arm::scores).toList());
  }

  private void losses() {
    LossChart chart = new LossChart(result.arms());
    html.line().element("h2", "Training loss");
    if (chart.empty()) {
      html.element("p", "No model of this comparison has a recorded training loss.");
      return;
    }
    html.open("div", "class", "chart").open("figure");
    Legend.open(html);
    int longest = 0;
    long missing = 0;
    for (int i = 0; i < result.arms().size(); i++) {
      double[] losses = result.arms().get(i).losses();
      if (losses.length > 0) {
        Legend.line(html, new LineStyle(i), result.arms().get(i).name());
        longest = Math.max(longest, losses.length);
        missing += Arrays.stream(losses).filter(v -> !Double.isFinite(v)).count();
      }
    }
    html.close();
    chart.draw(html, "losses");
    html.element(
            "figcaption",
            "Loss of each training step (faint) and its running mean over a twentieth of the run (strong; "
                + LossChart.window(longest)
                + " steps in the longest run). Models that were trained on different objectives minimise different "
                + "quantities: compare the shapes of their curves, not the heights."
                + (LossChart.stride(longest) == 1
                    ? ""
                    : " Of the longest run every "
                        + LossChart.stride(longest)
                        + "th step is drawn.")
                + (missing == 0
                    ? ""
                    : " " + missing + " losses that are not finite numbers leave gaps."))
        .close()
        .close();
  }

  private void examples() {
    if (result.examples().isEmpty()) {
      return;
    }
    long differing =
        result.examples().stream()
            .filter(e -> e.correct().contains(true) && e.correct().contains(false))
            .count();
    html.line().element("h2", "Example answers");
    html.element(
        "p",
        "Greedy answers to "
            + result.examples().size()
            + " held-out questions, on "
            + differing
            + " of which one model is right and another "
            + "wrong. They are here to be read; how often each case happens is in the tables.");
    for (int e = 0; e < result.examples().size(); e++) {
      DemoResult.Example example = result.examples().get(e);
      html.line()
          .element("h3", "Question " + (e + 1))
          .element("p", example.question(), "class", "question");
      html.open("div", "class", "answers");
      AnswerBox.draw(html, "Gold solution", null, example.gold());
      for (int i = 0; i < example.answers().size(); i++) {
        String name = i < result.arms().size() ? result.arms().get(i).name() : "model " + (i + 1);
        AnswerBox.draw(
            html,
            name,
            i < example.correct().size() ? example.correct().get(i) : null,
            example.answers().get(i));
      }
      html.close();
    }
  }
}
