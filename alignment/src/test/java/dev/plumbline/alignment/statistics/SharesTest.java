package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wilson's interval. */
class SharesTest {
  @ParameterizedTest
  @CsvSource({ // Newcombe 1998, Table I, method 3, 95 %
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718"
  })
  void wilsonGivesNewcombesFigures(int successes, int trials, double low, double high) {
    Interval interval = Wilson.interval(successes, trials, 0.95);
    assertThat(interval.estimate()).isEqualTo((double) successes / trials);
    assertThat(interval.low()).isCloseTo(low, within(5e-5));
    assertThat(interval.high()).isCloseTo(high, within(5e-5));
  }

  @Test
  void wilsonAtTheEndsIsTheHandWorkedFormula() {
    double z2 = 1.959963984540054 * 1.959963984540054;
    for (int n : new int[] {1, 3, 10, 1319}) {
      Interval none = Wilson.interval(0, n, 0.95);
      Interval all = Wilson.interval(n, n, 0.95);
      assertThat(none.low()).isZero();
      assertThat(none.high()).isCloseTo(z2 / (n + z2), within(1e-12));
      assertThat(all.low()).isCloseTo(n / (n + z2), within(1e-12));
      assertThat(all.high()).isOne();
    }
    assertThat(Wilson.interval(0, 10, 0.95).high()).isCloseTo(0.2775, within(5e-5));
    assertThat(Wilson.interval(10, 10, 0.95).low()).isCloseTo(0.7225, within(5e-5));
  }

  @Test
  void withoutTrialsNothingIsKnown() {
    assertThat(Wilson.interval(0, 0, 0.95)).isEqualTo(new Interval(Double.NaN, 0, 1));
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThatThrownBy(() -> Wilson.interval(4, 3, 0.95)).hasMessageContaining("4 successes in 3");
    assertThatThrownBy(() -> Wilson.interval(-1, 3, 0.95)).hasMessageContaining("-1 successes");
    assertThatThrownBy(() -> Wilson.interval(1, 3, 95)).hasMessageContaining("confidence is 95");
    assertThatThrownBy(() -> Wilson.interval(1, 3, Double.NaN)).hasMessageContaining("NaN");
  }
}
