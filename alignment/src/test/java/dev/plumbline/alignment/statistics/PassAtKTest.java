package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassAtKTest {
  @ParameterizedTest
  @CsvSource({
    "10, 3, 1, 0.3", // k = 1 is the share
    "4, 1, 2, 0.5", // 1 - C(3,2)/C(4,2) = 1 - 3/6
    "5, 2, 2, 0.7", // 1 - C(3,2)/C(5,2) = 1 - 3/10
    "5, 2, 4, 1", // only three are wrong
    "6, 6, 1, 1",
    "6, 0, 6, 0",
    "1, 1, 1, 1"
  })
  void handWorkedFigures(int n, int c, int k, double expected) {
    assertThat(PassAtK.passAtK(n, c, k)).isCloseTo(expected, within(1e-15));
  }

  @Test
  void theProductIsTheQuotientOfBinomials() {
    for (int n = 1; n <= 20; n++) {
      for (int c = 0; c <= n; c++) {
        for (int k = 1; k <= n; k++) {
          double quotient = choose(n - c, k).doubleValue() / choose(n, k).doubleValue();
          assertThat(PassAtK.passAtK(n, c, k))
              .as("%d, %d, %d", n, c, k)
              .isCloseTo(1 - quotient, within(1e-14));
        }
      }
    }
  }

  @Test
  void largeCountsDoNotOverflow() {
    // one right of 10 000: C(9999, k)/C(10000, k) = 1 - k/10000
    assertThat(PassAtK.passAtK(10_000, 1, 5_000)).isCloseTo(0.5, within(1e-12));
    assertThat(PassAtK.passAtK(10_000, 5_000, 100)).isBetween(1 - 1e-15, 1.0);
  }

  @Test
  void impossibleCountsAreRefused() {
    assertThatThrownBy(() -> PassAtK.passAtK(4, 5, 1)).hasMessageContaining("4 samples of which 5");
    assertThatThrownBy(() -> PassAtK.passAtK(4, -1, 1)).hasMessageContaining("of which -1");
    assertThatThrownBy(() -> PassAtK.passAtK(4, 2, 0)).hasMessageContaining("pass@0");
    assertThatThrownBy(() -> PassAtK.passAtK(4, 2, 5)).hasMessageContaining("pass@5");
  }

  private static BigInteger choose(int n, int k) {
    BigInteger choose = BigInteger.ONE;
    for (int i = 0; i < k; i++) { // zero where k > n
      choose = choose.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
    }
    return choose;
  }
}
