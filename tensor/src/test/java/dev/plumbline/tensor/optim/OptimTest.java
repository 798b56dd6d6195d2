package dev.plumbline.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OptimTest {
  @BeforeAll
  static void install() {
    Ops.install();
  }

  @Test
  void adamWEqualsItsFormulaInDoublePrecision() {
    int n = 5000; // more than one tile
    RandomStream random = RandomStream.of(5, "adamw");
    double[] w = new double[n];
    double[] m = new double[n];
    double[] v = new double[n];
    float[] start = new float[n];
    for (int i = 0; i < n; i++) {
      start[i] = (float) random.nextGaussian();
      w[i] = start[i];
    }
    INDArray parameter = Nd4j.createFromArray(start);
    try (AdamW optimizer =
        new AdamW(new AdamW.Settings(0.9, 0.999, 1e-8, 0.1), Map.of("w", parameter))) {
      for (int t = 1; t <= 4; t++) {
        float[] gradient = new float[n];
        for (int i = 0; i < n; i++) {
          gradient[i] = (float) random.nextGaussian();
          double g = 0.5 * gradient[i];
          m[i] = 0.9 * m[i] + 0.1 * g;
          v[i] = 0.999 * v[i] + 0.001 * g * g;
          w[i] -= 0.01 * 0.1 * w[i];
          w[i] -=
              0.01
                  * (m[i] / (1 - Math.pow(0.9, t)))
                  / (Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8);
        }
        optimizer.step(Map.of("w", Nd4j.createFromArray(gradient)), 0.01, 0.5);
      }
    }
    for (int i = 0; i < n; i++) {
      assertThat((double) parameter.getFloat(i)).isCloseTo(w[i], within(2e-5));
    }
  }

  @Test
  void clippingBringsTheGlobalNormDown() {
    Map<String, INDArray> gradients =
        Map.of("a", Nd4j.createFromArray(3f, 0f), "b", Nd4j.createFromArray(0f, 4f));
    assertThat(Gradients.globalNorm(gradients)).isCloseTo(5, within(1e-9));
    assertThat(Gradients.clipFactor(5, 1)).isCloseTo(0.2, within(1e-6));
    assertThat(Gradients.clipFactor(0.5, 1)).isEqualTo(1);
    assertThat(Gradients.clipFactor(5, 0)).as("0 is off").isEqualTo(1);
  }

  @Test
  void sumsOfMicroBatches() {
    try (Gradients sums = new Gradients(Map.of("a", Nd4j.createFromArray(0f, 0f)))) {
      sums.add(Map.of("a", Nd4j.createFromArray(1f, 2f)));
      sums.add(Map.of("a", Nd4j.createFromArray(10f, 20f)));
      assertThat(sums.arrays().get("a").toFloatVector()).containsExactly(11f, 22f);
      sums.clear();
      assertThat(sums.arrays().get("a").toFloatVector()).containsExactly(0f, 0f);
    }
  }

  @Test
  void schedulesRiseAndFallAsHuggingFaceWritesThem() {
    assertThat(Schedule.CONSTANT.rate(0, 100, 0, 2)).isEqualTo(2);
    assertThat(Schedule.COSINE.rate(0, 100, 10, 2)).isEqualTo(0);
    assertThat(Schedule.COSINE.rate(5, 100, 10, 2)).isEqualTo(1);
    assertThat(Schedule.COSINE.rate(55, 100, 10, 2)).isCloseTo(1, within(1e-12));
    assertThat(Schedule.COSINE.rate(100, 100, 10, 2)).isCloseTo(0, within(1e-12));
    assertThat(Schedule.LINEAR.rate(55, 100, 10, 2)).isCloseTo(1, within(1e-12));
    assertThat(Schedule.LINEAR.rate(100, 100, 10, 2)).isEqualTo(0);
  }
}
