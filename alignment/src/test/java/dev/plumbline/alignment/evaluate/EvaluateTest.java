package dev.plumbline.alignment.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.alignment.generate.Repetition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Assessment, repetition and votes, worked by hand. */
class EvaluateTest {
  @Test
  void assessmentWorkedByHand() {
    // -0.30 is above -0.80 and -1.60, -0.55 above -0.80 and -1.60: 4 of 6 pairs.
    Assessment a =
        assess(List.of(question(new double[] {-0.30, -0.55}, new double[] {-0.20, -0.80, -1.60})));
    assertThat(a.won()).containsExactly(4);
    assertThat(a.pairs()).containsExactly(6);
    assertThat(a.micro().estimate()).isCloseTo(4.0 / 6, within(1e-12));
    assertThat(a.macro()).isCloseTo(4.0 / 6, within(1e-12));
  }

  @Test
  void tiesAreWrongAndMacroWeighsQuestionsEqually() {
    Assessment a =
        assess(
            List.of(
                question(new double[] {-1}, new double[] {-1, -2, -3}), // 2 of 3
                question(new double[] {-1}, new double[] {-0.5}), // 0 of 1
                question(new double[] {-1}, new double[0])));
    assertThat(a.won()).containsExactly(2, 0, 0);
    assertThat(a.pairs()).containsExactly(3, 1, 0);
    assertThat(a.questions()).isEqualTo(2);
    assertThat(a.totalPairs()).isEqualTo(4);
    assertThat(a.micro().estimate()).isEqualTo(0.5);
    assertThat(a.macro()).isCloseTo((2.0 / 3 + 0) / 2, within(1e-12));
    assertThat(a.positive()).containsExactly(-1, -1, -1);
    assertThat(a.negative()).containsExactly(-1, -2, -3, -0.5);
  }

  @Test
  void repetitionNeedsMoreThanFourOfOneGram() {
    int[] four = IntStream.range(0, 16).map(i -> i % 4).toArray(); // 0 1 2 3 four times
    int[] five = IntStream.range(0, 20).map(i -> i % 4).toArray();
    assertThat(Repetition.in(four, "")).isFalse();
    assertThat(Repetition.in(five, "")).isTrue();
    assertThat(Repetition.in(five, "```python\n1\n```"))
        .isFalse(); // the fences of a block are allowed
    assertThat(Repetition.in(new int[] {7, 7, 7, 7, 7, 7, 7}, "")).isFalse(); // 4 places for 7777
    assertThat(Repetition.in(new int[] {7, 7, 7, 7, 7, 7, 7, 7}, "")).isTrue();
    assertThat(Repetition.in(new int[] {1, 2}, "")).isFalse();
    assertThat(Repetition.in(new int[0], "")).isFalse();
  }

  @Test
  void majorityIgnoresMissingAnswersAndTakesTheFirstOfEquals() {
    assertThat(SelfConsistency.majority(Arrays.asList("5", "7", "7", null, "5"))).isEqualTo("5");
    assertThat(SelfConsistency.majority(Arrays.asList(null, "7", null))).isEqualTo("7");
    assertThat(SelfConsistency.majority(Arrays.asList("1", "2", "2"))).isEqualTo("2");
    assertThat(SelfConsistency.majority(Collections.singletonList(null))).isNull();
    assertThat(SelfConsistency.majority(List.of())).isNull();
  }

  private record Question(Example example, TokenScores scores) {}

  private static Assessment assess(List<Question> questions) {
    return Assessment.of(
        questions.stream().map(Question::example).toList(),
        questions.stream().map(Question::scores).toList());
  }

  private static Question question(double[] right, double[] wrong) {
    List<Response> responses = new ArrayList<>();
    List<float[]> scores = new ArrayList<>();
    for (double s : right) {
      responses.add(Response.of(new int[] {3}, Role.POSITIVE));
      scores.add(new float[] {(float) s});
    }
    for (double s : wrong) {
      responses.add(Response.of(new int[] {3}, Role.NEGATIVE));
      scores.add(new float[] {(float) s});
    }
    return new Question(new Example(new int[] {1}, responses), new TokenScores(scores, null));
  }
}
