package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.ColouredText;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Figure;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.chart.Losses;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.report.chart.Scores;
import java.util.List;

/**
 * The figures of a study by kind, each kind in the order in which its parts gave them.
 *
 * @param headlines what the page opens with
 * @param scores score distributions, drawn side by side
 * @param losses training losses, drawn into one chart
 * @param curves quantities over a swept setting
 * @param scatters two quantities over models each
 * @param grids tables of figures that do not belong to one arm
 * @param cases questions with the arms' answers and scored candidates
 * @param texts texts with coloured tokens
 */
public record Figures(
    List<Headline> headlines,
    List<Scores> scores,
    List<Losses> losses,
    List<Curve> curves,
    List<Scatter> scatters,
    List<Grid> grids,
    List<Case> cases,
    List<ColouredText> texts) {

  /** Sorts figures by kind. */
  public static Figures of(List<? extends Figure> all) {
    return new Figures(
        of(Headline.class, all),
        of(Scores.class, all),
        of(Losses.class, all),
        of(Curve.class, all),
        of(Scatter.class, all),
        of(Grid.class, all),
        of(Case.class, all),
        of(ColouredText.class, all));
  }

  private static <T> List<T> of(Class<T> kind, List<? extends Figure> all) {
    return all.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
