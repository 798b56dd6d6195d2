package dev.plumbline.alignment.criticaltokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Agreement of token estimates with rollouts, worked by hand. */
class AgreementTest {
  private static final RolloutScores SCORES =
      new RolloutScores(new int[] {8, 6, 0, 0}, new int[] {8, 8, 8, 8}, 8);

  private static Agreement of(double... suspicion) {
    return Agreement.of(List.of(suspicion), List.of(SCORES), new int[] {2});
  }

  /**
   * Suspicion (0.1, 0.4, 0.9, 0.5), critical token 2: the most suspicious one, so rank 1 of 4 and
   * area 3/3. The score drops by 2/8, 6/8, 0 at tokens 1, 2, 3 (ranks 2, 3, 1); suspicion there has
   * ranks 1, 3, 2. Spearman: 1 - 6 (1 + 0 + 1) / (3 * 8) = 0.5.
   */
  @Test
  void workedByHand() {
    Agreement agreement = of(0.1, 0.4, 0.9, 0.5);
    assertThat(agreement.rank()).containsExactly(1);
    assertThat(agreement.tokens()).containsExactly(4);
    assertThat(agreement.auc()).containsExactly(1);
    assertThat(agreement.correlation()[0]).isCloseTo(0.5, within(1e-12));
    assertThat(agreement.within(1)).containsExactly(1);
  }

  /** Two of the three others are more suspicious: area 1/3, rank 3. */
  @Test
  void aLowRank() {
    Agreement agreement = of(0.1, 0.4, 0.3, 0.5);
    assertThat(agreement.auc()[0]).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(agreement.rank()[0]).isCloseTo(3, within(1e-12));
    assertThat(agreement.within(2)).containsExactly(0);
    assertThat(agreement.within(3)).containsExactly(1);
  }

  /** All equal: area 1/2, the mean rank (1 + 2 + 3 + 4) / 4 = 2.5, and no correlation. */
  @Test
  void tiesShareTheMeanRank() {
    Agreement agreement = of(1, 1, 1, 1);
    assertThat(agreement.auc()).containsExactly(0.5);
    assertThat(agreement.rank()).containsExactly(2.5);
    assertThat(agreement.correlation()[0]).isNaN();
  }

  @Test
  void tokensWithoutARolloutScoreAreIgnored() {
    // The estimate has a fifth token, an end of text, which has no rollouts.
    assertThat(of(0.1, 0.4, 0.9, 0.5, 7).rank()).containsExactly(1);
  }

  @Test
  void noCorrelationWherePositionsWereSkipped() {
    RolloutScores skipped = new RolloutScores(new int[] {8, 0, 0}, new int[] {8, 0, 8}, 8);
    Agreement agreement =
        Agreement.of(List.of(new double[] {0.1, 0.2, 0.3}), List.of(skipped), new int[] {2});
    assertThat(agreement.correlation()[0]).isNaN();
    assertThat(agreement.rank()).containsExactly(1);
  }
}
