package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.page.AnswerBox;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.HtmlTable;
import dev.plumbline.alignment.report.page.Numbers;
import java.util.ArrayList;
import java.util.List;

/** Draws the cases of a study. */
final class StudyCases {
  private StudyCases() {}

  /** Question, answers, and candidates in the order of the first model. */
  static void draw(Html html, Case question, int number) {
    html.line()
        .element("h3", "Question " + number)
        .element("p", question.question(), "class", "question");
    html.open("div", "class", "answers");
    AnswerBox.draw(html, "Gold solution", null, question.gold());
    for (Case.Answer answer : question.answers()) {
      AnswerBox.draw(html, answer.model() + ", greedy", answer.correct(), answer.text());
    }
    html.close();
    if (!question.candidates().isEmpty() && !question.models().isEmpty()) {
      html.element("p", order(question));
      candidates(html, question, number);
    }
  }

  /** How well each model orders the candidates. */
  private static String order(Case question) {
    boolean pairs =
        question.candidates().stream().anyMatch(Case.Scored::correct)
            && question.candidates().stream().anyMatch(c -> !c.correct());
    if (!pairs) {
      return "All candidates are "
          + (question.candidates().get(0).correct() ? "right" : "wrong")
          + ", so no pair of them can be in the wrong order.";
    }
    List<String> models = new ArrayList<>();
    for (int m = 0; m < question.models().size(); m++) {
      models.add(StudySummary.order(question, m) + " for " + question.models().get(m));
    }
    return "Pairs of a right and a wrong candidate in which the right one scores higher: "
        + Numbers.join(models)
        + ".";
  }

  private static void candidates(Html html, Case question, int number) {
    List<String> headings = new ArrayList<>(List.of("Candidate", "Answer"));
    question.models().forEach(model -> headings.add("Score under " + model));
    HtmlTable.open(
        html,
        "Candidates of question "
            + number
            + ", highest score under "
            + question.models().get(0)
            + " first; below each score its place under that model.",
        List.of("Answer"),
        headings.toArray(String[]::new));
    for (Case.Scored scored : StudySummary.ranking(question, 0)) {
      html.line().open("tr", "class", scored.correct() ? "right" : "wrong");
      html.open("th", "scope", "row", "class", "candidate");
      html.element("div", AnswerBox.text(scored.text()), "class", "text").close();
      html.open("td", "class", "word").element("b", AnswerBox.mark(scored.correct())).close();
      for (int m = 0; m < question.models().size(); m++) {
        double score = scored.scores().get(m);
        String place =
            Double.isNaN(score) ? "" : "place " + StudySummary.place(question, m, scored);
        HtmlTable.cell(html, Numbers.decimal(score, 3), place);
      }
      html.close();
    }
    HtmlTable.close(html);
  }
}
