package dev.plumbline.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.random.RandomStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both implementations of the kernels against plain formulas in double precision. */
class KernelsTest {
  private final RandomStream random = RandomStream.of(20261125, "kernels");

  static Stream<ProductKernels> products() {
    return Stream.of(new VectorProducts(), new ScalarProducts());
  }

  static Stream<RowKernels> rows() {
    return Stream.of(new VectorRows(), new ScalarRows());
  }

  @ParameterizedTest
  @MethodSource("products")
  void productOfAnyShapeAndStride(ProductKernels kernels) {
    for (int m : List.of(1, 3, 4, 9)) {
      for (int n : List.of(1, 16, 33, 64, 100, 150)) {
        for (int k : List.of(1, 7, 40)) {
          for (boolean transposed : new boolean[] {false, true}) {
            for (boolean accumulate : new boolean[] {false, true}) {
              product(kernels, m, n, k, transposed, accumulate);
            }
          }
        }
      }
    }
  }

  private void product(
      ProductKernels kernels, int m, int n, int k, boolean transposed, boolean accumulate) {
    int bRow = Kernels.padded(n) + 16;
    float[] a = normal(5 + m * k);
    float[] b = normal(3 + k * bRow);
    float[] c = normal(2 + m * bRow);
    float[] before = c.clone();
    int aRow = transposed ? 1 : k;
    int aColumn = transposed ? m : 1;
    kernels.product(m, n, k, a, 5, aRow, aColumn, b, 3, bRow, c, 2, bRow, accumulate);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = accumulate ? before[2 + i * bRow + j] : 0;
        for (int p = 0; p < k; p++) {
          sum += (double) a[5 + i * aRow + p * aColumn] * b[3 + p * bRow + j];
        }
        assertThat((double) c[2 + i * bRow + j])
            .as("m %d n %d k %d transposed %s", m, n, k, transposed)
            .isCloseTo(sum, within(1e-4));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("products")
  void aProductWithPairsOfBfloat16DoesNotDependOnTheBatch(ProductKernels kernels) {
    for (int m : List.of(1, 4, 7)) {
      for (int n : List.of(1, 5, 16)) {
        for (int half : List.of(1, 16, 37)) {
          productOfPairs(kernels, m, n, half);
        }
      }
    }
  }

  private void productOfPairs(ProductKernels kernels, int m, int n, int half) {
    int k = 2 * half;
    float[] a = normal(2 + m * (k + 1)); // even columns, then odd ones
    float[] values = normal(n * k);
    float[] b = new float[3 + n * half];
    for (int i = 0; i < values.length; i++) {
      int upper = Float.floatToRawIntBits(values[i]) & 0xFFFF0000;
      int both = Float.floatToRawIntBits(b[3 + i / 2]);
      values[i] = Float.intBitsToFloat(upper);
      b[3 + i / 2] = Float.intBitsToFloat(i % 2 == 0 ? upper >>> 16 : both | upper);
    }
    float[] c = normal(1 + m * (n + 2));
    float[] before = c.clone();
    kernels.productOfPairs(m, n, k, a, 2, k + 1, b, 3, half, c, 1, n + 2, true);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int at = 1 + i * (n + 2) + j;
        int row = 2 + i * (k + 1);
        double sum = before[at];
        for (int p = 0; p < k; p++) {
          sum += (double) a[row + p % 2 * half + p / 2] * values[j * k + p];
        }
        assertThat((double) c[at]).isCloseTo(sum, within(1e-4));
        float[] alone = {before[at]};
        kernels.productOfPairs(1, 1, k, a, row, k, b, 3 + j * half, half, alone, 0, 1, true);
        assertThat(c[at]).isEqualTo(alone[0]);
      }
    }
  }

  /** Batch invariance: a row's result is bit-identical whatever else is in the batch. */
  @ParameterizedTest
  @MethodSource("products")
  void aRowOfAProductDoesNotDependOnTheBatch(ProductKernels kernels) {
    int n = 112;
    int k = 90;
    float[] a = normal(13 * k);
    float[] b = normal(k * n);
    float[] together = new float[13 * n];
    kernels.product(13, n, k, a, 0, k, 1, b, 0, n, together, 0, n, false);
    for (int i = 0; i < 13; i++) {
      float[] alone = new float[n];
      kernels.product(1, n, 50, a, i * k, k, 1, b, 0, n, alone, 0, n, false);
      kernels.product(1, n, 40, a, i * k + 50, k, 1, b, 50 * n, n, alone, 0, n, true); // k in parts
      assertThat(alone).isEqualTo(java.util.Arrays.copyOfRange(together, i * n, (i + 1) * n));
    }
  }

  @ParameterizedTest
  @MethodSource("products")
  void aRowByBlocksIsTheProduct(ProductKernels kernels) {
    int k = 24;
    for (int n : List.of(1, 16, 17, 40, 64, 100)) {
      int width = Kernels.padded(n);
      float[] a = normal(2 + k);
      float[] b = normal(k * width);
      float[] blocks = new float[5 + k * width];
      for (int p = 0; p < k; p++) {
        for (int j = 0; j < width; j++) {
          blocks[5 + j / 16 * k * 16 + p * 16 + j % 16] = b[p * width + j];
        }
      }
      float[] expected = new float[width];
      float[] actual = new float[width];
      kernels.product(1, n, k, a, 2, k, 1, b, 0, width, expected, 0, width, false);
      kernels.rowByBlocks(n, k, a, 2, blocks, 5, actual, 0);
      assertThat(java.util.Arrays.copyOf(actual, n))
          .isEqualTo(java.util.Arrays.copyOf(expected, n));
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void rowFormulas(RowKernels kernels) {
    for (int n : List.of(1, 15, 16, 47, 200)) {
      float[] x = normal(n + 2);
      float[] y = normal(n + 2);
      double dot = 0;
      double max = Double.NEGATIVE_INFINITY;
      double exps = 0;
      double squares = 0;
      for (int i = 1; i <= n; i++) {
        dot += (double) x[i] * y[i];
        max = Math.max(max, x[i]);
        exps += Math.exp(x[i] * 0.7f - 0.3f);
        squares += (double) x[i] * x[i];
      }
      assertThat((double) kernels.dot(x, 1, y, 1, n)).isCloseTo(dot, within(1e-4));
      assertThat((double) kernels.max(x, 1, n)).isEqualTo(max);
      assertThat(kernels.squares(x, 1, n)).isCloseTo(squares, within(1e-9));
      float[] e = x.clone();
      assertThat((double) kernels.expSum(e, 1, n, 0.7f, 0.3f)).isCloseTo(exps, within(exps * 1e-5));
      float[] sum = y.clone();
      kernels.axpy(0.5f, x, 1, sum, 1, n);
      float[] scaled = x.clone();
      kernels.scale(scaled, 1, n, 3f);
      float[] normed = new float[n + 2];
      kernels.scaleBy(x, 1, 2f, java.util.Arrays.copyOfRange(y, 1, n + 1), normed, 1, n);
      float[] activated = new float[n + 2];
      kernels.swiGlu(x, 1, y, 1, activated, 1, n);
      float[] gate = x.clone();
      float[] up = y.clone();
      float[] ones = new float[n + 2];
      java.util.Arrays.fill(ones, 1f);
      kernels.swiGluGradient(gate, 1, up, 1, ones, 1, n);
      for (int i = 1; i <= n; i++) {
        double s = 1 / (1 + Math.exp(-x[i]));
        assertThat((double) e[i]).isCloseTo(Math.exp(x[i] * 0.7f - 0.3f), within(e[i] * 1e-6));
        assertThat((double) sum[i]).isCloseTo(y[i] + 0.5 * x[i], within(1e-5));
        assertThat(scaled[i]).isEqualTo(x[i] * 3f);
        assertThat((double) normed[i]).isCloseTo(2.0 * x[i] * y[i], within(1e-5));
        assertThat((double) activated[i]).isCloseTo(x[i] * s * y[i], within(1e-5));
        assertThat((double) up[i]).isCloseTo(x[i] * s, within(1e-5));
        double slope = s * (1 + x[i] * (1 - s));
        assertThat((double) gate[i]).isCloseTo(y[i] * slope, within(1e-5));
      }
      assertThat(new float[] {sum[0], scaled[n + 1], activated[n + 1], e[0]})
          .containsExactly(y[0], x[n + 1], 0f, x[0]); // nothing beside the row is touched
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void softmaxAndItsGradient(RowKernels kernels) {
    for (int n : List.of(1, 15, 16, 17, 40)) {
      int end = 50;
      float[] a = normal(70);
      float[] s = a.clone();
      float[] d = normal(70);
      float[] dp = d.clone();
      float lse = kernels.softmax(a, 3, n, end, 0.5f);
      double sum = 0;
      double inner = 0;
      for (int i = 3; i < 3 + n; i++) {
        sum += Math.exp(0.5 * s[i]);
      }
      assertThat((double) lse).isCloseTo(Math.log(sum), within(1e-5));
      for (int i = 3; i < 3 + n; i++) {
        assertThat((double) a[i]).isCloseTo(Math.exp(0.5 * s[i]) / sum, within(1e-6));
        inner += a[i] * dp[i];
      }
      float[] p = s.clone();
      kernels.softmaxGradient(p, d, 3, n, end, 0.5f, lse, (float) inner);
      for (int i = 3; i < 3 + n; i++) {
        assertThat((double) p[i]).isCloseTo(a[i], within(1e-6));
        assertThat((double) d[i]).isCloseTo(a[i] * (dp[i] - inner) * 0.5, within(1e-5));
      }
      for (int i = 3 + n; i < 3 + end; i++) {
        assertThat(new float[] {a[i], p[i], d[i]}).containsExactly(0f, 0f, 0f);
      }
      assertThat(a[2]).isEqualTo(s[2]);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void rotatingBackUndoesARotation(RowKernels kernels) {
    for (int headDim : List.of(2, 8, 48, 64)) {
      float[] cos = new float[headDim / 2];
      float[] sin = new float[headDim / 2];
      for (int j = 0; j < cos.length; j++) {
        double angle = 3.0 * random.nextDouble();
        cos[j] = (float) Math.cos(angle);
        sin[j] = (float) Math.sin(angle);
      }
      float[] row = normal(1 + 3 * headDim);
      float[] before = row.clone();
      kernels.rotate(row, 1, 3, headDim, cos, sin, 0, 1f);
      int half = headDim / 2;
      for (int j = 0; j < half; j++) {
        double a = before[1 + headDim + j];
        double b = before[1 + headDim + j + half];
        assertThat((double) row[1 + headDim + j]).isCloseTo(a * cos[j] - b * sin[j], within(1e-5));
        assertThat((double) row[1 + headDim + j + half])
            .isCloseTo(b * cos[j] + a * sin[j], within(1e-5));
      }
      kernels.rotate(row, 1, 3, headDim, cos, sin, 0, -1f);
      for (int i = 0; i < row.length; i++) {
        assertThat(row[i]).isCloseTo(before[i], within(1e-5f));
      }
    }
  }

  private float[] normal(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
