package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RatioTest {
  @Test
  void aRatioIsThatOfSumsAndItsQuestionsAreTheUnits() {
    double[][] above = {{1, 0, 3}};
    double[][] below = {{2, 0, 4}};
    Clustered c = new Ratio(above, below).mean();
    assertThat(c.estimate()).isCloseTo(4.0 / 6, within(1e-12));
    assertThat(c.questions()).isEqualTo(2); // one has no pair
    // rests 1 - 4/3 = -1/3 and 3 - 8/3 = 1/3 over a mean of 3: -1/9 and 1/9, standard error 1/9
    assertThat(Math.sqrt(c.variance().total())).isCloseTo(1.0 / 9, within(1e-12));
    // 200 pairs, half won: alike within 20 questions of 10, or in 200 of 1
    double[][] clustered = new double[1][20];
    Arrays.setAll(clustered[0], q -> q % 2 == 0 ? 10 : 0);
    double[][] single = new double[1][200];
    Arrays.setAll(single[0], q -> q % 2);
    Interval wide = new Ratio(clustered, all(20, 10)).mean().interval();
    Interval narrow = new Ratio(single, all(200, 1)).mean().interval();
    assertThat(wide.high() - wide.low()).isCloseTo(2 * 2.093 * 0.5 / Math.sqrt(19), within(1e-3));
    assertThat(narrow.high() - narrow.low())
        .isCloseTo(2 * 1.972 * 0.5 / Math.sqrt(199), within(1e-3));
  }

  private static double[][] all(int questions, double value) {
    double[][] all = new double[1][questions];
    Arrays.fill(all[0], value);
    return all;
  }

  @Test
  void ratiosAreComparedOnTheSameQuestions() {
    double[][] won = {{1, 2, 0, 3}, {2, 2, 0, 1}};
    double[][] pairs = {{2, 2, 0, 5}, {2, 2, 0, 5}};
    Ratio same = new Ratio(won, pairs);
    assertThat(Ratio.difference(same, same).interval()).isEqualTo(new Interval(0, 0, 0));
    double[][] more = {{2, 2, 0, 4}, {2, 2, 0, 4}};
    Clustered c = Ratio.difference(same, new Ratio(more, pairs));
    assertThat(c.estimate()).isCloseTo(16.0 / 18 - 11.0 / 18, within(1e-12));
    assertThat(c.questions()).isEqualTo(3);
    double[][] none = new double[1][3];
    assertThat(new Ratio(none, none).mean().estimate()).isNaN();
    Ratio empty = new Ratio(none, none);
    assertThat(Ratio.difference(empty, empty).p()).isNaN();
  }
}
