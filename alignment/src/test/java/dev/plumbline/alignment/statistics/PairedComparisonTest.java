package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.random.RandomStream;
import org.junit.jupiter.api.Test;

class PairedComparisonTest {
  private static PairedComparison compare(double[] first, double[] second) {
    return PairedComparison.of(first, second, 500, RandomStream.of(1, "pairs"));
  }

  @Test
  void countsQuestionsThatOnlyOneSolves() {
    PairedComparison c = compare(new double[] {1, 1, 0, 0, 0, 0}, new double[] {1, 0, 1, 1, 1, 0});
    assertThat(c.onlyFirst()).isEqualTo(1);
    assertThat(c.onlySecond()).isEqualTo(3);
    assertThat(c.p()).isCloseTo(0.625, within(1e-12)); // 2 (1 + 4) / 16
    assertThat(c.difference().estimate()).isCloseTo(2.0 / 6, within(1e-12));
  }

  @Test
  void theMajorityOfRunsDecidesAndHalfIsNone() {
    PairedComparison c = compare(new double[] {2.0 / 3, 0.5, 1}, new double[] {1.0 / 3, 1, 0.5});
    assertThat(c.onlyFirst()).isEqualTo(2);
    assertThat(c.onlySecond()).isEqualTo(1);
    assertThat(c.difference().estimate()).isCloseTo(-1.0 / 9, within(1e-12));
  }
}
