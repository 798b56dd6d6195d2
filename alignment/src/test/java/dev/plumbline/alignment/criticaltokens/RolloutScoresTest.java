package dev.plumbline.alignment.criticaltokens;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutScoresTest {
  @ParameterizedTest
  @CsvSource({
    "'60 40 0 0', 2, the first zero after which nothing recovers",
    "'60 0 40 0 0', 3, a zero that is followed by recovery is forgotten",
    "'60 0 3 0', 1, three of 64 is no recovery",
    "'60 0 4 0', 3, four of 64 is one",
    "'0 60', 0, the last one forgotten is taken where none is left",
    "'5 0 9 0 60', 3, the last of several forgotten ones",
    "'60 1 2', -1, not found without a zero",
    "'', -1, an empty trajectory"
  })
  void theRuleOfThePaper(String right, int expected, String why) {
    int[] counts =
        right.isBlank()
            ? new int[0]
            : Arrays.stream(right.split(" ")).mapToInt(Integer::parseInt).toArray();
    int[] drawn = new int[counts.length];
    Arrays.fill(drawn, 64);
    assertThat(
            new RolloutScores(counts, drawn, 64).critical(RolloutScores.MAX_LOST_SHARE).orElse(-1))
        .as(why)
        .isEqualTo(expected);
  }
}
