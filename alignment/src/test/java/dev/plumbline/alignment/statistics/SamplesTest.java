package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.random.RandomStream;
import org.junit.jupiter.api.Test;

/** Bootstrap, quantiles and histogram. */
class SamplesTest {
  @Test
  void theBootstrapHasItsNominalCoverage() {
    RandomStream stream = RandomStream.of(11, "coverage");
    int covered = 0;
    for (int trial = 0; trial < 500; trial++) {
      double[] a = new double[50];
      double[] b = new double[50];
      for (int i = 0; i < 50; i++) {
        double difficulty = 3 * stream.nextGaussian(); // shared, so pairing removes it
        a[i] = difficulty + stream.nextGaussian();
        b[i] = difficulty + stream.nextGaussian() + 0.25;
      }
      Interval interval = PairedBootstrap.meanDifference(a, b, 400, 0.95, stream.child(trial));
      covered += interval.contains(0.25) ? 1 : 0;
      assertThat(interval.high() - interval.low())
          .isLessThan(1.3); // 2 * 1.96 * sqrt(2 / 50) = 0.78
    }
    // 500 trials at 95 % give 475 with a standard deviation of 5; the percentile bootstrap is
    // slightly below.
    assertThat(covered).isBetween(455, 490);
  }

  @Test
  void theBootstrapIsReproducibleSignedAndExactOnConstants() {
    double[] a = {0, 1, 0, 1};
    double[] b = {1, 1, 1, 1};
    RandomStream stream = RandomStream.of(1, "bootstrap");
    Interval once = PairedBootstrap.meanDifference(a, b, 1000, 0.9, stream);
    Interval again =
        PairedBootstrap.meanDifference(a, b, 1000, 0.9, RandomStream.of(1, "bootstrap"));
    assertThat(once).isEqualTo(again);
    assertThat(once.estimate()).isEqualTo(0.5); // b - a
    assertThat(once.contains(0.5)).isTrue();
    Interval swapped = PairedBootstrap.meanDifference(b, a, 1000, 0.9, stream);
    assertThat(swapped.estimate()).isEqualTo(-0.5);
    assertThat(PairedBootstrap.meanDifference(b, b, 10, 0.9, stream))
        .isEqualTo(new Interval(0, 0, 0));
    assertThatThrownBy(() -> PairedBootstrap.meanDifference(a, new double[3], 10, 0.9, stream))
        .hasMessageContaining("4 values with 3");
    assertThatThrownBy(() -> PairedBootstrap.meanDifference(a, b, 0, 0.9, stream))
        .hasMessageContaining("resamples must be >= 1, but is 0");
    assertThatThrownBy(
            () -> PairedBootstrap.meanDifference(new double[0], new double[0], 9, 0.9, stream))
        .hasMessageContaining("0 values");
  }

  @Test
  void quantilesAreNumPysDefault() {
    double[] values = {4, 1, 3, 2};
    assertThat(Quantiles.of(values, 0, 0.25, 0.5, 0.9, 1))
        .containsExactly(new double[] {1, 1.75, 2.5, 3.7, 4}, within(1e-12));
    assertThat(values).containsExactly(4, 1, 3, 2);
    assertThat(Quantiles.of(new double[] {7}, 0.3)).containsExactly(7);
    double[] open = {0, Double.POSITIVE_INFINITY};
    assertThat(Quantiles.of(open, 0, 1)).containsExactly(0, Double.POSITIVE_INFINITY);
    assertThatThrownBy(() -> Quantiles.of(new double[0], 0.5)).hasMessageContaining("0 values");
    assertThatThrownBy(() -> Quantiles.of(new double[] {1, Double.NaN}, 0.5))
        .hasMessageContaining("NaN at index 1");
    assertThatThrownBy(() -> Quantiles.of(values, 1.5)).hasMessageContaining("1.5");
  }

  @Test
  void histogramsCountEdgesAsNumPyAndDropNothing() {
    double[] values = {-0.1, 0, 0.49, 0.5, 0.99, 1, 1.5, 2, 2.01, Double.NEGATIVE_INFINITY};
    Histogram histogram = Histogram.of(values, 0, 2, 4);
    assertThat(histogram.counts()).containsExactly(2L, 2L, 1L, 2L);
    assertThat(histogram.below()).isEqualTo(2);
    assertThat(histogram.above()).isEqualTo(1);
    assertThat(histogram.edge(0)).isZero();
    assertThat(histogram.edge(3)).isEqualTo(1.5);
    assertThat(histogram.edge(4)).isEqualTo(2);
    assertThatThrownBy(() -> Histogram.of(values, 2, 2, 4)).hasMessageContaining("from 2.0 to 2.0");
    assertThatThrownBy(() -> Histogram.of(values, 0, 1, 0)).hasMessageContaining("0 bins");
    assertThatThrownBy(() -> Histogram.of(new double[] {Double.NaN}, 0, 1, 1))
        .hasMessageContaining("NaN");
  }

  @Test
  void everyEdgeBelongsToTheBinThatItStarts() {
    for (int bins = 1; bins <= 200; bins++) {
      Histogram empty = Histogram.of(new double[0], -0.3, 0.7, bins);
      for (int bin = 0; bin < bins; bin++) {
        double edge = empty.edge(bin);
        assertThat(Histogram.of(new double[] {edge}, -0.3, 0.7, bins).counts().get(bin)).isOne();
        double before = Math.nextDown(edge);
        if (bin > 0) {
          assertThat(Histogram.of(new double[] {before}, -0.3, 0.7, bins).counts().get(bin - 1))
              .isOne();
        }
      }
    }
  }
}
