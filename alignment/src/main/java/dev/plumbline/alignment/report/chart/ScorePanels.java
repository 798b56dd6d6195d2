package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Html;
import java.util.Arrays;
import java.util.List;

/** The score histograms of several models side by side, with what they show in words. */
public final class ScorePanels {
  private static final String REFERENCE = " The dotted outline is that of the reference solutions.";

  private ScorePanels() {}

  /** The figure, one panel per model. */
  public static void draw(Html html, List<Scores> models) {
    ScoreHistogram histogram = ScoreHistogram.of(models);
    html.open("figure").open("div", "class", "panels");
    long beyond = 0;
    long missing = 0;
    for (int i = 0; i < models.size(); i++) {
      Scores model = models.get(i);
      html.line().open("div", "class", "panel").element("h3", model.name());
      histogram.draw(html, "scores-" + i, model);
      html.element(
              "p",
              model.positive().length
                  + " right (blue, solid), "
                  + model.negative().length
                  + " wrong (vermillion, dashed)"
                  + (model.reference().length == 0
                      ? ""
                      : ", " + model.reference().length + " reference (grey, dotted)"))
          .close();
      for (double[] values : ScoreHistogram.series(model)) {
        beyond += histogram.count(values).below() + histogram.count(values).above();
        missing += Arrays.stream(values).filter(v -> !Double.isFinite(v)).count();
      }
    }
    html.close()
        .element(
            "figcaption",
            "The score of a candidate is the mean log-probability that the model gives its tokens; further right is more probable. Each "
                + "outline shows how its candidates spread over the scores, on the same bins and axes for every model; vertical lines mark the "
                + "means. The less the outlines of right and wrong overlap, the better a model tells right from wrong."
                + (histogram.reference() ? REFERENCE : "")
                + (beyond == 0
                    ? ""
                    : " The outermost bins take in " + beyond + " scores beyond the axis.")
                + (missing == 0
                    ? ""
                    : " " + missing + " scores that are not finite numbers are left out."))
        .close();
  }
}
