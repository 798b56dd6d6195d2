package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.random.RandomStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RatioBootstrapTest {
  private static RandomStream stream() {
    return RandomStream.of(1, "ratio");
  }

  @Test
  void estimateIsTheRatioOfSums() {
    Interval i =
        RatioBootstrap.ratio(new double[] {1, 0, 3}, new double[] {2, 0, 4}, 500, 0.95, stream());
    assertThat(i.estimate()).isCloseTo(4.0 / 6, within(1e-12));
    assertThat(i.low()).isBetween(0.5, 4.0 / 6);
    assertThat(i.high()).isBetween(4.0 / 6, 0.75);
  }

  @Test
  void clustersThatShareTheirPairsWidenTheInterval() {
    // 200 pairs, half won: all alike within 20 clusters of 10, or independent in 200 of 1.
    double[] clustered = new double[20];
    Arrays.setAll(clustered, q -> q % 2 == 0 ? 10 : 0);
    double[] ten = new double[20];
    Arrays.fill(ten, 10);
    double[] single = new double[200];
    Arrays.setAll(single, q -> q % 2);
    double[] one = new double[200];
    Arrays.fill(one, 1);
    Interval wide = RatioBootstrap.ratio(clustered, ten, 2000, 0.95, stream());
    Interval narrow = RatioBootstrap.ratio(single, one, 2000, 0.95, stream());
    assertThat(wide.estimate()).isEqualTo(narrow.estimate()).isEqualTo(0.5);
    assertThat(wide.high() - wide.low()).isGreaterThan(2.5 * (narrow.high() - narrow.low()));
    // Normal theory: 2 * 1.96 * sqrt(0.25 / clusters)
    assertThat(wide.high() - wide.low()).isCloseTo(0.438, within(0.06));
    assertThat(narrow.high() - narrow.low()).isCloseTo(0.139, within(0.02));
  }

  @Test
  void differenceOfEqualSystemsIsZero() {
    double[] won = {1, 2, 0, 3};
    double[] pairs = {2, 2, 1, 5};
    Interval d = RatioBootstrap.difference(won, pairs, won, pairs, 200, 0.95, stream());
    assertThat(d).isEqualTo(new Interval(0, 0, 0));
  }

  @Test
  void nothingToCountIsNaN() {
    Interval i = RatioBootstrap.ratio(new double[3], new double[3], 100, 0.95, stream());
    assertThat(i.estimate()).isNaN();
  }
}
