package dev.plumbline.alignment.criticaltokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.generate.ProblemSampler.Solution;
import dev.plumbline.data.problem.Grade;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.transformer.generate.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The selection by answer frequency. The first id of a solution is its answer, the second its
 * index.
 */
class ContrastiveDataTest {
  private static final int RIGHT = 7;

  private static ContrastiveData select(int... answers) {
    List<Solution> drawn = new ArrayList<>();
    for (int i = 0; i < answers.length; i++) {
      String extracted = answers[i] < 0 ? null : Integer.toString(answers[i]);
      boolean correct = answers[i] == RIGHT;
      drawn.add(
          new Solution(
              "",
              new Sample(new int[] {answers[i], i}, Sample.FinishReason.STOP),
              new Grade(correct, extracted, correct, extracted)));
    }
    Problem problem = new Problem("p", "How many?", "#### 7", "7");
    return ContrastiveData.of(List.of(problem), List.of(drawn), 0);
  }

  private static List<Integer> answers(Stream<int[]> ids) {
    return ids.map(own -> own[0]).toList();
  }

  private static List<Integer> negatives(ContrastiveData data) {
    return answers(data.negative().stream().map(row -> row.response().ids()));
  }

  /**
   * Ten solutions: the correct answer 3 times, wrong answer 1 four times, 2 twice, 3 once. Half of
   * the 7 wrong ones is 3.5: answer 1 covers 4, so it is the only negative.
   */
  @Test
  void theMostFrequentWrongAnswersThatCoverHalf() {
    ContrastiveData data = select(7, 1, 2, 1, 7, 1, 3, 1, 2, 7);
    assertThat(answers(data.positive().stream().map(row -> row.response().ids())))
        .containsExactly(RIGHT);
    assertThat(negatives(data)).containsExactly(1);
    assertThat(data.pairs()).hasSize(1);
    assertThat(data.pairs().get(0).chosen().ids()[0]).isEqualTo(RIGHT);
    assertThat(data.pairs().get(0).rejected().ids()[0]).isEqualTo(1);
  }

  /** Wrong answers 1, 2, 3 twice each: half of 6 is 3, so 1 (2 of 3) and 2 (4 of 3). */
  @Test
  void answersAreAddedUntilHalfIsCovered() {
    assertThat(negatives(select(1, 2, 3, 1, 2, 3))).containsExactly(1, 2);
  }

  /** Each wrong answer occurs once: only the first is taken, although it covers less than half. */
  @Test
  void anAnswerSeenOnceIsTakenOnlyAsTheFirst() {
    assertThat(negatives(select(1, 2, 3, 4))).containsExactly(1);
    // Answer 1 twice, the others once: half of 5 is 2.5 and answer 1 covers 2, but answer 2 occurs
    // once.
    assertThat(negatives(select(1, 2, 1, 3, 4))).containsExactly(1);
  }

  @Test
  void solutionsWithoutAnAnswerDoNotCount() {
    ContrastiveData data = select(-1, -1, -1, 2, 7);
    assertThat(negatives(data)).containsExactly(2);
    assertThat(data.pairs()).hasSize(1);
  }

  @Test
  void aQuestionWithoutARightAnswerGivesNoPair() {
    ContrastiveData data = select(1, 1, 2);
    assertThat(data.positive()).isEmpty();
    assertThat(negatives(data)).containsExactly(1);
    assertThat(data.pairs()).isEmpty();
  }

  /** The choice among solutions with the same answer depends only on the seed and the question. */
  @Test
  void theSameSeedTakesTheSameSolutions() {
    int[] answers = new int[40];
    Arrays.setAll(answers, i -> i % 2 == 0 ? RIGHT : 1);
    assertThat(select(answers).pairs().get(0).chosen().ids())
        .containsExactly(select(answers).pairs().get(0).chosen().ids());
  }
}
