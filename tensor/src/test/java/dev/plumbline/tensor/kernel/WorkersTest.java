package dev.plumbline.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.tensor.kernel.Products.Sink;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkersTest {
  @AfterEach
  void allThreads() {
    Workers.limit(Workers.threads());
  }

  @Test
  void everyItemIsVisitedOnce() {
    AtomicIntegerArray visits = new AtomicIntegerArray(1003);
    for (int region = 0; region < 200; region++) {
      Workers.forChunks(
          1003,
          7,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              visits.incrementAndGet(i);
            }
          });
    }
    for (int i = 0; i < 1003; i++) {
      assertThat(visits.get(i)).isEqualTo(200);
    }
  }

  @Test
  void aFailureReachesTheCaller() {
    assertThatThrownBy(
            () ->
                Workers.forChunks(
                    100,
                    1,
                    (from, to, worker) -> {
                      if (from == 57) {
                        throw new IllegalArgumentException("item 57");
                      }
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("item 57");
    everyItemIsVisitedOnce(); // and the pool still works
  }

  @Test
  void aProductIsTheSameWithOneThread() {
    int n = 150;
    int in = 70;
    int out = 90;
    FloatBuffer x = FloatBuffer.allocate(n * in);
    FloatBuffer w = FloatBuffer.allocate(out * in);
    for (int i = 0; i < n * in; i++) {
      x.put(i, (float) Math.sin(i));
    }
    for (int i = 0; i < out * in; i++) {
      w.put(i, (float) Math.cos(i));
    }
    float[][] results = new float[2][n * out];
    for (int threads = 1; threads <= 2; threads++) {
      Workers.limit(threads);
      Panels packed = Products.transposed(Matrix.of(w, out, in), new float[Panels.size(in, out)]);
      Sink y = Products.into(FloatBuffer.wrap(results[threads - 1]), out);
      Products.forward(n, in, Products.rows(x, in), new Panels[] {packed}, new Sink[] {y});
    }
    assertThat(results[0]).isEqualTo(results[1]);
    double sum = 0;
    for (int p = 0; p < in; p++) {
      sum += (double) x.get(149 * in + p) * w.get(89 * in + p);
    }
    assertThat((double) results[0][n * out - 1])
        .isCloseTo(sum, org.assertj.core.api.Assertions.within(1e-4));
  }
}
