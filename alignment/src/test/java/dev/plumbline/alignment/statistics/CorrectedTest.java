package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CorrectedTest {
  private static final double NONE = Double.NaN;

  @Test
  void primaryTestsFollowTheirOrderAndOthersAreOneFamily() {
    double[] p = {0.03, 0.04, 0.01, 0.02, 0.2, 0.001};
    Corrected c = Corrected.of(p, new int[] {2, 0, 4, 5}, 0.05);
    // in order 0.01, 0.03, 0.2, 0.001: the third fails, so the fourth has its p
    assertThat(c.p()).containsExactly(new double[] {0.03, 0.04, 0.01, 0.04, 0.2, 0.2}, within(0.0));
    assertThat(c.levels()).containsExactly(0.05, 0.05, 0.05, 0.05, 0.05, 0.05);
    assertThat(p).containsExactly(0.03, 0.04, 0.01, 0.02, 0.2, 0.001);
  }

  @Test
  void withoutPrimaryTestsItIsHolm() {
    double[] p = {0.03, 0.01, 0.04, 0.005};
    assertThat(Corrected.of(p, new int[0], 0.05).p()).containsExactly(Holm.adjust(p));
    // 0.02 and 0.03 are significant, two are open
    assertThat(Corrected.of(p, new int[0], 0.05).levels()).containsOnly(0.025);
  }

  @Test
  void theNextOfTheFamilyIsSignificantBelowItsLevel() {
    double[] p = {0.001, 0.4, 0.5, 0.6};
    double level = Corrected.of(p, new int[0], 0.05).levels()[1];
    assertThat(level).isCloseTo(0.05 / 3, within(1e-15));
    double[] below = {0.001, level * 0.999, 0.5, 0.6};
    double[] above = {0.001, level * 1.001, 0.5, 0.6};
    assertThat(Corrected.of(below, new int[0], 0.05).p()[1]).isLessThan(0.05);
    assertThat(Corrected.of(above, new int[0], 0.05).p()[1]).isGreaterThan(0.05);
  }

  @Test
  void testsWithoutAResultDoNotCount() {
    Corrected c = Corrected.of(new double[] {NONE, 0.02, NONE, 0.03}, new int[] {0, 1}, 0.05);
    assertThat(c.p()).containsExactly(NONE, 0.02, NONE, 0.03);
    assertThat(c.levels()[2]).isEqualTo(0.05);
  }
}
