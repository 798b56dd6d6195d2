package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HolmTest {
  @Test
  void theFactorsDecreaseFromTheNumberOfTests() {
    double[] p = {0.03, 0.01, 0.04, 0.005};
    // in order: 4 * 0.005 = 0.02, 3 * 0.01 = 0.03, 2 * 0.03 = 0.06, max(0.06, 1 * 0.04) = 0.06
    assertThat(Holm.adjust(p))
        .containsExactly(new double[] {0.06, 0.03, 0.06, 0.02}, within(1e-15));
    assertThat(p).containsExactly(0.03, 0.01, 0.04, 0.005);
  }

  @Test
  void noneExceedsOneAndNoneFallsBelowItsPredecessor() {
    assertThat(Holm.adjust(new double[] {0.9, 0.4, 0.5}))
        .containsExactly(1, 1, 1); // 3 * 0.4 = 1.2, cut at 1
    assertThat(Holm.adjust(new double[] {0.02, 0.02})).containsExactly(0.04, 0.04);
    assertThat(Holm.adjust(new double[] {0, 1})).containsExactly(0, 1);
    assertThat(Holm.adjust(new double[] {0.3})).containsExactly(0.3);
    assertThat(Holm.adjust(new double[0])).isEmpty();
  }

  @Test
  void testsWithoutAResultDoNotCount() {
    assertThat(Holm.adjust(new double[] {Double.NaN, 0.25, 0.125, Double.NaN}))
        .containsExactly(Double.NaN, 0.25, 0.25, Double.NaN);
    assertThat(Holm.adjust(new double[] {Double.NaN})).containsExactly(Double.NaN);
  }

  @Test
  void impossibleValuesAreRefused() {
    assertThatThrownBy(() -> Holm.adjust(new double[] {0.5, 1.01})).hasMessageContaining("1.01");
    assertThatThrownBy(() -> Holm.adjust(new double[] {-0.1})).hasMessageContaining("-0.1");
  }
}
