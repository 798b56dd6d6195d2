package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RankAucTest {
  @Test
  void isTheShareOfPairsInOrder() {
    assertThat(RankAuc.of(new double[] {3, 4}, new double[] {1, 2})).isEqualTo(1);
    assertThat(RankAuc.of(new double[] {1}, new double[] {2, 3})).isEqualTo(0);
    assertThat(RankAuc.of(new double[] {2, 5}, new double[] {2, 3})).isEqualTo(2.5 / 4);
    assertThat(RankAuc.of(new double[0], new double[] {1})).isNaN();
    assertThatThrownBy(() -> RankAuc.of(new double[] {Double.NaN}, new double[] {1}))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void equalsCountingOnRandomValuesWithTies() {
    Random random = new Random(11);
    for (int round = 0; round < 50; round++) {
      double[] high = random.doubles(1 + random.nextInt(30)).map(v -> Math.round(8 * v)).toArray();
      double[] low = random.doubles(1 + random.nextInt(30)).map(v -> Math.round(7 * v)).toArray();
      double pairs = 0;
      for (double a : high) {
        for (double b : low) {
          pairs += a > b ? 1 : a == b ? 0.5 : 0;
        }
      }
      double expected = pairs / high.length / low.length;
      assertThat(RankAuc.of(high, low)).isCloseTo(expected, within(1e-12));
    }
  }
}
