package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CorrelationTest {
  @Test
  void correlationsGivePublishedAndHandWorkedFigures() {
    double[] x = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5}; // Anscombe 1973, set I
    double[] y = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
    assertThat(Correlation.pearson(x, y)).isCloseTo(0.81642, within(5e-6));
    double[] ties = {1, 2, 2, 3}; // ranks 1, 2.5, 2.5, 4: 4.5 / sqrt(4.5 * 5)
    double[] ranks = {1, 2, 3, 4};
    assertThat(Correlation.spearman(ties, ranks)).isCloseTo(4.5 / Math.sqrt(22.5), within(1e-12));
    double[] one = {106, 100, 86, 101, 99, 103, 97, 113, 112, 110}; // sum d^2 = 194, n = 10
    double[] two = {7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
    assertThat(Correlation.spearman(one, two)).isCloseTo(1 - 6 * 194 / 990.0, within(1e-12));
    assertThat(Correlation.pearson(ranks, new double[] {5, 5, 5, 5})).isNaN();
    assertThat(Correlation.spearman(ranks, new double[] {5, 5, 5, 5})).isNaN();
    assertThatThrownBy(() -> Correlation.pearson(new double[1], new double[1]))
        .hasMessageContaining("1 values");
    assertThatThrownBy(() -> Correlation.spearman(new double[2], new double[3]))
        .hasMessageContaining("2 values with 3");
  }

  @Test
  void fishersIntervalIsTheHandWorkedFormula() {
    double[] x = {1, 2, 3, 4, 5};
    double[] y = {2, 1, 4, 3, 5}; // deviations' products sum to 8, squares to 10 and 10: r = 0.8
    Interval interval = Correlation.pearsonInterval(x, y, 0.95);
    assertThat(interval.estimate()).isCloseTo(0.8, within(1e-12));
    // artanh 0.8 = ln 3; exp(2 (ln 3 -+ h)) = 9 exp(-+2h), and tanh a = (e - 1) / (e + 1), e = exp
    // 2a
    double e = Math.exp(2 * 1.959963984540054 / Math.sqrt(2));
    assertThat(interval.low()).isCloseTo((9 / e - 1) / (9 / e + 1), within(1e-9));
    assertThat(interval.high()).isCloseTo((9 * e - 1) / (9 * e + 1), within(1e-9));
    assertThat(interval.low()).isCloseTo(-0.2796, within(5e-5));
    assertThat(interval.high()).isCloseTo(0.9862, within(5e-5));
    double[] falling = {-2, -1, -4, -3, -5};
    Interval mirrored = Correlation.pearsonInterval(x, falling, 0.95);
    assertThat(mirrored.low()).isCloseTo(-interval.high(), within(1e-12));
    assertThat(mirrored.high()).isCloseTo(-interval.low(), within(1e-12));
  }

  @Test
  void fishersIntervalNeedsFourPairsAndSpread() {
    double[] three = {1, 2, 4};
    Interval few = Correlation.pearsonInterval(three, new double[] {1, 3, 2}, 0.95);
    assertThat(few.estimate()).isEqualTo(Correlation.pearson(three, new double[] {1, 3, 2}));
    assertThat(few.low()).isNaN();
    assertThat(few.high()).isNaN();
    double[] four = {1, 2, 3, 4};
    Interval constant = Correlation.pearsonInterval(four, new double[] {5, 5, 5, 5}, 0.95);
    assertThat(constant).isEqualTo(new Interval(Double.NaN, Double.NaN, Double.NaN));
    Interval line = Correlation.pearsonInterval(four, new double[] {2, 4, 6, 8}, 0.95);
    assertThat(line.estimate()).isCloseTo(1, within(1e-12));
    assertThat(line.low()).isCloseTo(1, within(1e-6));
    assertThat(line.high()).isCloseTo(1, within(1e-12));
    assertThatThrownBy(() -> Correlation.pearsonInterval(four, four, 95))
        .hasMessageContaining("confidence is 95");
  }
}
