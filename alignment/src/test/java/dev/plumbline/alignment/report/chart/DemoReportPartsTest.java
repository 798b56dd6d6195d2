package dev.plumbline.alignment.report.chart;

import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.study.DemoResult;
import dev.plumbline.alignment.report.study.DemoSummary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.statistics.Histogram;
import dev.plumbline.alignment.statistics.Interval;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoReportPartsTest {
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
  void undecidedUnlessTestAndIntervalAgree() {
    assertThat(DemoSummary.accuracy(test(0.051, 0.001, 0.05)))
        .isEqualTo(DemoSummary.Verdict.UNDECIDED);
    assertThat(DemoSummary.accuracy(test(0.049, 0.0, 0.05)))
        .isEqualTo(DemoSummary.Verdict.UNDECIDED);
    assertThat(DemoSummary.accuracy(test(0.049, 0.001, 0.05))).isEqualTo(DemoSummary.Verdict.MORE);
    assertThat(DemoSummary.accuracy(test(0.049, -0.05, -0.001)))
        .isEqualTo(DemoSummary.Verdict.LESS);
    assertThat(DemoSummary.accuracy(test(Double.NaN, -0.05, -0.001)))
        .isEqualTo(DemoSummary.Verdict.UNKNOWN);
  }

  @Test
  void summarySaysWhatTheFiguresSay() {
    String summary = DemoSummary.paragraph(Samples.result());
    assertThat(summary)
        .contains("AFT-BC solves more than start: +4.4 points", "p = 0.0013")
        .contains(
            "Whether VFT solves more or fewer than start is undecided at n = 1000: +1.9 points")
        .contains("Whether AFT-BC solves more or fewer than VFT is undecided at n = 1000")
        .contains("start 61.0\u00a0%, VFT 63.3\u00a0% and AFT-BC 78.4\u00a0%")
        .contains("It is higher for AFT-BC than for start, with intervals apart");
    DemoResult sample = Samples.result();
    DemoResult reversed =
        new DemoResult(
            "t",
            List.of(),
            List.of(sample.arms().get(2), sample.arms().get(0)),
            List.of(
                new DemoResult.PairedTest(
                    "AFT-BC", "start", 112, 68, 0.00129, new Interval(-0.044, -0.0703, -0.0182))),
            List.of());
    assertThat(DemoSummary.paragraph(reversed))
        .contains(
            "start solves fewer than AFT-BC: \u22124.4 points",
            "It is lower for start than for AFT-BC");
    DemoResult same =
        new DemoResult(
            "t",
            List.of(),
            List.of(sample.arms().get(0)),
            List.of(new DemoResult.PairedTest("start", "start", 0, 0, 1, new Interval(0, 0, 0))),
            List.of());
    assertThat(DemoSummary.paragraph(same))
        .contains("undecided at n = 1000", "undecided at 9321 pairs", "the intervals overlap");
  }

  private static DemoResult.PairedTest test(double p, double low, double high) {
    return new DemoResult.PairedTest("a", "b", 1, 2, p, new Interval((low + high) / 2, low, high));
  }

  @Test
  void histogramCountsAddUp() {
    List<DemoResult.Arm> arms = Samples.result().arms();
    ScoreHistogram histogram =
        ScoreHistogram.of(arms.stream().map(DemoResult.Arm::scores).toList());
    for (DemoResult.Arm arm : arms) {
      for (double[] values : List.of(arm.positiveScores(), arm.negativeScores())) {
        Histogram counts = histogram.count(values);
        long inside = counts.counts().stream().mapToLong(Long::longValue).sum();
        assertThat(inside + counts.below() + counts.above()).isEqualTo(values.length);
        assertThat(counts.below() + counts.above()).isLessThan(values.length / 20);
        assertThat(Arrays.stream(ScoreHistogram.shares(counts)).sum()).isCloseTo(1, within(1e-12));
      }
    }
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
    assertThat(Numbers.points(-0.0001)).isEqualTo("+0.0");
    assertThat(Numbers.points(-0.044)).isEqualTo("-4.4");
    assertThat(Numbers.typeset("-4.4 to +1, AFT-2, 3-4")).isEqualTo("\u22124.4 to +1, AFT-2, 3-4");
    assertThat(Numbers.decimal(1e300, 3)).isEqualTo("1.00e+300");
    assertThat(Numbers.duration(9.94)).isEqualTo("9.9 s");
    assertThat(Numbers.duration(5400)).isEqualTo("90.0 min");
    assertThat(Numbers.duration(27000)).isEqualTo("7.5 h");
  }
}
