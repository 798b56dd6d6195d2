package dev.plumbline.alignment.criticaltokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.data.problem.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** The replacement experiment with given rollouts, and its pass@k. */
class ReplacementTest {
  private static final int ROLLOUTS = 4;

  /** Records the positions; the number of correct rollouts is the position. */
  private static final class Given implements Replacement.Rollouts {
    private final List<int[]> asked = new ArrayList<>();

    @Override
    public List<Alternatives> replace(
        List<Trajectory> trajectories, int[] positions, IntConsumer progress) {
      asked.add(positions);
      return Arrays.stream(positions)
          .mapToObj(p -> new Alternatives(new int[] {1, 2}, new int[] {p, 0}, new int[] {3, 1}))
          .toList();
    }
  }

  private static Trajectory trajectory(int number, int tokens) {
    return new Trajectory(
        new Problem("p" + number, "Question " + number, "#### 1", "1"),
        new int[] {1},
        new int[tokens]);
  }

  private static RolloutScores scores(int... right) {
    int[] drawn = new int[right.length];
    Arrays.fill(drawn, ROLLOUTS);
    return new RolloutScores(right, drawn, ROLLOUTS);
  }

  /** The second trajectory has no critical token; those of the others are at 2 and 0. */
  @Test
  void replacesTheCriticalTokenAndARandomOther() {
    Given given = new Given();
    Replacement replacement =
        Replacement.of(
            given,
            List.of(trajectory(0, 4), trajectory(1, 3), trajectory(2, 1)),
            List.of(scores(4, 3, 0, 0), scores(4, 4, 4), scores(0)),
            0.05,
            0,
            done -> {});
    assertThat(replacement.places()).containsExactly(0, 2);
    assertThat(given.asked.get(0)).containsExactly(2, 0);
    assertThat(replacement.with()).containsExactly(0, 0); // correct rollouts after the token
    assertThat(Replacement.right(replacement.without())).containsExactly(2, 0);
    assertThat(replacement.control()[0]).isIn(0, 1, 3); // any other position
    assertThat(replacement.control()[1]).isEqualTo(-1); // a solution of one token has no other
  }

  @Test
  void controlsAreDrawnFromAllOtherPositions() {
    List<Trajectory> many = new ArrayList<>();
    List<RolloutScores> scores = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      many.add(trajectory(i, 4));
      scores.add(scores(4, 0, 0, 0));
    }
    Replacement replacement = Replacement.of(new Given(), many, scores, 0.05, 0, done -> {});
    int[] counts = new int[4];
    Arrays.stream(replacement.control()).forEach(c -> counts[c]++);
    assertThat(counts[1]).isZero();
    assertThat(new int[] {counts[0], counts[2], counts[3]}).doesNotContain(0);
    assertThat(counts[0]).isBetween(60, 140); // 100 expected, standard deviation 8
  }

  /**
   * pass@k of c correct ones of n = 4: 1 - C(4 - c, k) / C(4, k). With c = 1: k = 1: 1/4, k = 2: 1
   * - 3/6 = 1/2, k = 4: 1. With c = 0: 0.
   */
  @Test
  void passAtK() {
    Replacement replacement =
        Replacement.of(
            new Given(), List.of(trajectory(0, 3)), List.of(scores(4, 0, 0)), 0.05, 0, done -> {});
    int[] right = Replacement.right(replacement.without()); // replaced at 1: one correct rollout
    assertThat(right).containsExactly(1);
    assertThat(replacement.passAtK(right, 1)[0]).isCloseTo(0.25, within(1e-12));
    assertThat(replacement.passAtK(right, 2)[0]).isCloseTo(0.5, within(1e-12));
    assertThat(replacement.passAtK(right, 4)[0]).isCloseTo(1, within(1e-12));
    assertThat(replacement.passAtK(replacement.with(), 4)).containsExactly(0);
  }
}
