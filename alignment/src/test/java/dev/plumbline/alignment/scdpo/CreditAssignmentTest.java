package dev.plumbline.alignment.scdpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The reward of a token (SCDPO, Eq. 7), and how well it finds the erroneous step. */
class CreditAssignmentTest {
  /** Five tokens; the third and fourth are the erroneous step. */
  private static final CreditAssignment.Marked SOLUTION =
      new CreditAssignment.Marked(new int[] {1, 2}, new int[] {5, 6, 7, 8, 9}, 2, 4);

  /** beta = 0.5: r = 0.5 (log pi - log pi_ref) of each token. */
  @Test
  void theRewardOfATokenIsItsScaledLogRatio() {
    List<double[]> rewards =
        CreditAssignment.rewards(
            List.of(new float[] {-1, -2, -4, -0.5f}, new float[] {-3}),
            List.of(new float[] {-2, -2, -1, -1}, new float[] {-2.5f}),
            0.5);
    // 0.5 (-1 + 2), 0.5 (-2 + 2), 0.5 (-4 + 1), 0.5 (-0.5 + 1); 0.5 (-3 + 2.5)
    assertThat(rewards.get(0)).containsExactly(0.5, 0, -1.5, 0.25);
    assertThat(rewards.get(1)).containsExactly(-0.25);
  }

  /**
   * Rewards (0.2, -0.1, -0.5, 0, 0.1): of the 2 x 3 comparisons of a token of the step with a token
   * of another step, -0.5 is lower in all 3, and 0 is lower than 0.2 and 0.1 but not than -0.1, so
   * 5 of 6.
   */
  @Test
  void theAreaIsTheShareOfComparisonsThatBlameTheStep() {
    assertThat(CreditAssignment.auc(SOLUTION, new double[] {0.2, -0.1, -0.5, 0, 0.1}))
        .isCloseTo(5.0 / 6, within(1e-12));
  }

  @Test
  void equalRewardsAreChanceAndAPerfectModelIsOne() {
    assertThat(CreditAssignment.auc(SOLUTION, new double[5])).isEqualTo(0.5);
    assertThat(CreditAssignment.auc(SOLUTION, new double[] {1, 1, -1, -1, 1})).isEqualTo(1);
    assertThat(CreditAssignment.auc(SOLUTION, new double[] {-1, -1, 1, 1, -1})).isEqualTo(0);
  }

  @Test
  void aSolutionThatIsTheErroneousStepAloneHasNoArea() {
    CreditAssignment.Marked whole =
        new CreditAssignment.Marked(new int[] {1}, new int[] {5, 6}, 0, 2);
    assertThat(CreditAssignment.auc(whole, new double[] {-1, 1})).isNaN();
  }
}
