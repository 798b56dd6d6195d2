package dev.plumbline.alignment.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.statistics.Histogram;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChartTest {
  @Test
  void markupIsEscapedAndBalanced() {
    assertThat(new Html().open("p", "title", "a\"b'<").text("1 < 2 & 3 > 2").close().toString())
        .isEqualTo("<p title=\"a&quot;b&#39;&lt;\">1 &lt; 2 &amp; 3 &gt; 2</p>");
    assertThat(Html.escape("a\u0000\u000b\ud83d\ude00\udc00\uffff\t\n"))
        .isEqualTo("a\ufffd\ufffd\ud83d\ude00\ufffd\ufffd\t\n");
    Html open = new Html().open("p");
    assertThatThrownBy(open::toString)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("<p>");
  }

  @Test
  void histogramCountsAddUp() {
    Random random = new Random(3);
    List<Scores> models =
        List.of(
            scores(random, "start", 0.02),
            scores(random, "VFT", 0.05),
            scores(random, "AFT", 0.21));
    ScoreHistogram histogram = ScoreHistogram.of(models);
    for (Scores model : models) {
      for (double[] values : List.of(model.positive(), model.negative())) {
        Histogram counts = histogram.count(values);
        long inside = counts.counts().stream().mapToLong(Long::longValue).sum();
        assertThat(inside + counts.below() + counts.above()).isEqualTo(values.length);
        assertThat(counts.below() + counts.above()).isLessThan(values.length / 20);
        assertThat(Arrays.stream(ScoreHistogram.shares(counts)).sum()).isCloseTo(1, within(1e-12));
      }
    }
  }

  private static Scores scores(Random random, String name, double gap) {
    return new Scores(
        name, scores(random, 3420, -0.16), scores(random, 4580, -0.2 - gap), new double[0]);
  }

  private static double[] scores(Random random, int n, double mean) {
    double[] scores = new double[n];
    Arrays.setAll(scores, i -> mean * Math.exp(0.5 * random.nextGaussian()));
    return scores;
  }

  @Test
  void axesHoldTheirValuesOnRoundNumbers() {
    double[][] ranges = {
      {0, 1},
      {-0.733, -0.021},
      {0.38, 0.4871},
      {3, 3},
      {0, 0},
      {1e-7, 3e-7},
      {-5e9, 7e9},
      {38.2, 48.7}
    };
    for (double[] range : ranges) {
      Axis axis = Axis.of(range[0], range[1], 5);
      assertThat(axis.low()).isLessThanOrEqualTo(range[0] + 1e-9 * axis.step());
      assertThat(axis.high()).isGreaterThanOrEqualTo(range[1] - 1e-9 * axis.step());
      assertThat(axis.intervals()).isBetween(1, 12);
      assertThat(axis.ticks().stream().map(axis::label).distinct()).hasSize(axis.intervals() + 1);
    }
    Axis axis = Axis.of(38.2, 48.7, 5);
    assertThat(axis.ticks().stream().map(axis::label)).containsExactly("35", "40", "45", "50");
    assertThat(axis.place(42.5, 100, 200)).isEqualTo(150);
    Axis negative = Axis.of(-0.4, 0, 5);
    assertThat(negative.ticks().stream().map(negative::label))
        .containsExactly("\u22120.4", "\u22120.3", "\u22120.2", "\u22120.1", "0.0");
    assertThat(Axis.of(Double.NaN, 1, 5)).isEqualTo(Axis.of(0, 1, 5));
  }

  @Test
  void runningMeanIsCentredAndSkipsGaps() {
    assertThat(LossChart.window(188)).isEqualTo(9);
    double[] constant = new double[60];
    Arrays.fill(constant, 2);
    constant[30] = Double.NaN;
    assertThat(LossChart.smooth(constant)).containsOnly(2);
    double[] ramp = new double[60];
    Arrays.setAll(ramp, i -> i);
    assertThat(LossChart.smooth(ramp)[30]).isEqualTo(30);
  }

  @Test
  void numbersKeepTheirMeaning() {
    assertThat(Numbers.p(0.0496)).isEqualTo("0.0496");
    assertThat(Numbers.p(3.24e-8)).isEqualTo("3.2e-08");
    assertThat(Numbers.p(1)).isEqualTo("1.000");
    assertThat(Numbers.points(-0.0001)).isEqualTo("-0.0");
    assertThat(Numbers.points(-0.0)).isEqualTo("+0.0");
    assertThat(Numbers.points(-0.044)).isEqualTo("-4.4");
    assertThat(Numbers.typeset("-4.4 to +1, AFT-2, 3-4")).isEqualTo("\u22124.4 to +1, AFT-2, 3-4");
    assertThat(Numbers.decimal(1e300, 3)).isEqualTo("1.00e+300");
    assertThat(Numbers.duration(9.94)).isEqualTo("9.9 s");
    assertThat(Numbers.duration(5400)).isEqualTo("90.0 min");
    assertThat(Numbers.duration(27000)).isEqualTo("7.5 h");
  }
}
