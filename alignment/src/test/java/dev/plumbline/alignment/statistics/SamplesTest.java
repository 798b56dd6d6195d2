package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Quantiles and histogram. */
class SamplesTest {
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
