package dev.plumbline.alignment.report;

import dev.plumbline.alignment.train.RunFiles;
import dev.plumbline.tensor.statistics.Interval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A comparison of models as a table for the terminal and as a self-contained page. Every sentence
 * is computed.
 */
public final class DemoReport {
  private DemoReport() {}

  /** Writes the page beside and renames it. */
  public static void write(Path file, DemoResult result) throws IOException {
    RunFiles.write(file, html(result).getBytes(StandardCharsets.UTF_8));
  }

  /** The table for a terminal. */
  public static String table(DemoResult result) {
    StringBuilder s =
        new StringBuilder(
            f(
                "%-8s %28s %28s %11s %9s%n",
                "", "accuracy (95 %)", "assessment acc. (95 %)", "perplexity", "cut off"));
    for (DemoResult.Arm arm : result.arms()) {
      s.append(
          f(
              "%-8s %28s %28s %11.4f %9d%n",
              arm.name(),
              interval(arm.accuracy()),
              interval(arm.assessment()),
              arm.referencePerplexity(),
              arm.truncated()));
    }
    s.append('\n');
    result.tests().forEach(test -> s.append(sentence(test)).append('\n'));
    return s.toString();
  }

  /** The page. */
  public static String html(DemoResult result) {
    StringBuilder s = new StringBuilder();
    s.append("<h1>").append(Html.escape(result.title())).append("</h1>\n");
    s.append(
        "<p class=\"note\">A small model on generated (synthetic) problems: the figures show what the method does at this scale, "
            + "not what it does to a large model.</p>\n");
    s.append("<p class=\"lead\">");
    result.tests().forEach(test -> s.append(Html.escape(sentence(test))).append(' '));
    s.append(Html.escape(assessmentSentence(result.arms()))).append("</p>\n");
    table(s, result);
    tests(s, result);
    s.append("<h2>Accuracy and assessment accuracy</h2>\n<figure>")
        .append(Svg.intervals("Estimates with 95 % intervals", bars(result)));
    s.append(
        "<figcaption>Points are estimates, bars Wilson 95 % intervals. Accuracy: held-out questions whose greedy answer is right. "
            + "Assessment accuracy: pairs of a right and a wrong candidate of one question in which the right one has the higher mean "
            + "log-probability; its interval takes pairs as independent, which those of one question are not, so it is too narrow."
            + "</figcaption></figure>\n");
    histograms(s, result);
    losses(s, result);
    examples(s, result);
    s.append("<h2>How to repeat this</h2>\n<div class=\"scroll\"><table>");
    for (DemoResult.Fact fact : result.facts()) {
      s.append("<tr><th scope=\"row\">")
          .append(Html.escape(fact.label()))
          .append("</th><td class=\"text\">")
          .append(Html.escape(fact.value()))
          .append("</td></tr>");
    }
    s.append("</table></div>\n");
    return Html.page(result.title(), s.toString());
  }

  /** What a paired test says, and how sure it is. */
  static String sentence(DemoResult.PairedTest test) {
    double points = 100 * test.difference().estimate();
    String verdict =
        test.p() < 0.05
            ? f("a difference unlikely to be chance (p = %s)", p(test.p()))
            : f("which is undecided at this number of questions (p = %s)", p(test.p()));
    return f(
        "%s solves %.1f points %s than %s (95 %% interval %.1f to %.1f), %s.",
        test.second(),
        Math.abs(points),
        points >= 0 ? "more" : "fewer",
        test.first(),
        100 * test.difference().low(),
        100 * test.difference().high(),
        verdict);
  }

  private static String assessmentSentence(List<DemoResult.Arm> arms) {
    List<String> parts = new ArrayList<>();
    for (DemoResult.Arm arm : arms) {
      parts.add(f("%s %.1f %%", arm.name(), 100 * arm.assessment().estimate()));
    }
    return "Assessment accuracy, how often a right solution scores above a wrong one: "
        + String.join(", ", parts)
        + ".";
  }

  private static void table(StringBuilder s, DemoResult result) {
    s.append(
        "<h2>The models</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">model</th><th scope=\"col\">accuracy</th>"
            + "<th scope=\"col\">assessment accuracy</th><th scope=\"col\">by question</th><th scope=\"col\">gold perplexity</th>"
            + "<th scope=\"col\">cut off</th><th scope=\"col\">training</th></tr></thead><tbody>");
    for (DemoResult.Arm arm : result.arms()) {
      s.append(
          f(
              "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td><td>%.4f</td><td>%d</td><td>%.0f s</td></tr>",
              Html.escape(arm.name()),
              interval(arm.accuracy()),
              interval(arm.assessment()),
              percent(arm.assessmentMacro()),
              arm.referencePerplexity(),
              arm.truncated(),
              arm.trainSeconds()));
    }
    s.append("</tbody></table></div>\n<p class=\"note\">");
    for (DemoResult.Arm arm : result.arms()) {
      s.append(
          Html.escape(
              f(
                  "%s: %s; %d of %d questions, %d pairs. ",
                  arm.name(),
                  arm.description(),
                  arm.correct(),
                  arm.questions(),
                  arm.assessmentPairs())));
    }
    s.append("Cut off: greedy answers that ran into the token limit.</p>\n");
  }

  private static void tests(StringBuilder s, DemoResult result) {
    s.append(
        "<h2>Paired tests</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">comparison</th><th scope=\"col\">only the first right</th>"
            + "<th scope=\"col\">only the second right</th><th scope=\"col\">difference in points</th><th scope=\"col\">McNemar, exact p</th></tr></thead><tbody>");
    for (DemoResult.PairedTest t : result.tests()) {
      s.append(
          f(
              "<tr><th scope=\"row\">%s, %s</th><td>%d</td><td>%d</td><td>%.1f (%.1f to %.1f)</td><td>%s</td></tr>",
              Html.escape(t.first()),
              Html.escape(t.second()),
              t.onlyFirst(),
              t.onlySecond(),
              100 * t.difference().estimate(),
              100 * t.difference().low(),
              100 * t.difference().high(),
              p(t.p())));
    }
    s.append("</tbody></table></div>\n");
  }

  private static List<Svg.Bar> bars(DemoResult result) {
    List<Svg.Bar> bars = new ArrayList<>();
    for (int i = 0; i < result.arms().size(); i++) {
      DemoResult.Arm arm = result.arms().get(i);
      bars.add(bar(arm.name() + ", accuracy", i, arm.accuracy()));
    }
    for (int i = 0; i < result.arms().size(); i++) {
      DemoResult.Arm arm = result.arms().get(i);
      bars.add(bar(arm.name() + ", assessment", i, arm.assessment()));
    }
    return bars;
  }

  private static Svg.Bar bar(String name, int arm, Interval interval) {
    return new Svg.Bar(name, css(arm), interval.estimate(), interval.low(), interval.high());
  }

  private static void histograms(StringBuilder s, DemoResult result) {
    double low = -0.1;
    for (DemoResult.Arm arm : result.arms()) {
      low = Math.min(low, quantile(arm.negativeScores(), 0.01));
      low = Math.min(low, quantile(arm.positiveScores(), 0.01));
    }
    s.append(
        "<h2>Scores of right and wrong solutions</h2>\n<p class=\"key\"><span class=\"right\"><i></i>right</span><span class=\"wrong\"><i></i>wrong</span></p>\n");
    for (DemoResult.Arm arm : result.arms()) {
      s.append("<figure>")
          .append(
              Svg.histogram(
                  "Scores under " + arm.name(),
                  arm.positiveScores(),
                  arm.negativeScores(),
                  low,
                  0));
      s.append(
          f(
              "<figcaption><b>%s.</b> Mean log-probability of a token, over %d right and %d wrong solutions of held-out questions; "
                  + "dashed lines are means (right %.3f, wrong %.3f). Same axis for all models; the lowest 1 %% is gathered at the left edge.</figcaption></figure>\n",
              Html.escape(arm.name()),
              arm.positiveScores().length,
              arm.negativeScores().length,
              Svg.mean(arm.positiveScores()),
              Svg.mean(arm.negativeScores())));
    }
  }

  private static void losses(StringBuilder s, DemoResult result) {
    s.append("<h2>Loss</h2>\n");
    for (int i = 0; i < result.arms().size(); i++) {
      DemoResult.Arm arm = result.arms().get(i);
      if (arm.losses().length > 0) {
        s.append("<figure>")
            .append(
                Svg.lines(
                    "Training loss of " + arm.name(),
                    List.of(new Svg.Series(arm.name(), css(i), arm.losses()))));
        s.append(
            f(
                "<figcaption><b>%s.</b> Loss of each step (faint) and its moving mean. Objectives differ between models, so their heights do not compare.</figcaption></figure>\n",
                Html.escape(arm.name())));
      }
    }
  }

  private static void examples(StringBuilder s, DemoResult result) {
    s.append(
        "<h2>Answers</h2>\n<p class=\"note\">First held-out questions on which the models differ, then others, in the order of the test set.</p>\n");
    for (DemoResult.Example example : result.examples()) {
      s.append("<div class=\"example\"><p>")
          .append(Html.escape(example.question()))
          .append("</p><div class=\"answers\"><div><span class=\"verdict\">gold</span><pre>")
          .append(Html.escape(example.gold()))
          .append("</pre></div>");
      for (int i = 0; i < example.answers().size(); i++) {
        boolean right = example.correct().get(i);
        s.append(
            f(
                "<div><span class=\"verdict %s\">%s: %s</span><pre>%s</pre></div>",
                right ? "yes" : "no",
                Html.escape(result.arms().get(i).name()),
                right ? "right" : "wrong",
                Html.escape(example.answers().get(i))));
      }
      s.append("</div></div>\n");
    }
  }

  private static double quantile(double[] values, double q) {
    if (values.length == 0) {
      return 0;
    }
    double[] sorted = values.clone();
    java.util.Arrays.sort(sorted);
    return sorted[(int) (q * (sorted.length - 1))];
  }

  private static String css(int arm) {
    return "a" + arm % 3;
  }

  private static String interval(Interval i) {
    return f("%.1f %% (%.1f to %.1f)", 100 * i.estimate(), 100 * i.low(), 100 * i.high());
  }

  private static String percent(double share) {
    return f("%.1f %%", 100 * share);
  }

  private static String p(double p) {
    return p < 0.0001 ? "below 0.0001" : f("%.4f", p);
  }

  private static String f(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
