package dev.plumbline.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.tensor.ops.Ops;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ArrayPoolTest {
  private final ArrayPool pool = new ArrayPool();

  @BeforeAll
  static void install() {
    Ops.install();
  }

  @AfterEach
  void close() {
    pool.close();
  }

  @Test
  void aReleasedBufferServesAnotherShape() {
    INDArray first = pool.allocate(false, DataType.FLOAT, 30, 40);
    pool.release(first);
    INDArray second = pool.allocate(false, DataType.FLOAT, 25, 40);
    assertThat(second.data()).isSameAs(first.data());
    assertThat(second.shape()).containsExactly(25, 40);
    assertThat(second.length()).isEqualTo(1000);
  }

  @Test
  void aBufferInUseServesNobodyElse() {
    INDArray first = pool.allocate(false, DataType.FLOAT, 30, 40);
    INDArray second = pool.allocate(false, DataType.FLOAT, 30, 40);
    assertThat(second.data()).isNotSameAs(first.data());
    pool.release(first);
    pool.release(first); // twice is once
    INDArray third = pool.allocate(false, DataType.FLOAT, 30, 40);
    INDArray fourth = pool.allocate(false, DataType.FLOAT, 30, 40);
    assertThat(third.data()).isSameAs(first.data());
    assertThat(fourth.data()).isNotSameAs(first.data()).isNotSameAs(second.data());
  }

  @Test
  void aBufferOfTwiceTheSizeIsNotWasted() {
    INDArray large = pool.allocate(false, DataType.FLOAT, 1000, 100);
    pool.release(large);
    assertThat(pool.allocate(false, DataType.FLOAT, 100, 100).data()).isNotSameAs(large.data());
    assertThat(pool.allocate(false, DataType.INT32, 1000, 100).data()).isNotSameAs(large.data());
    assertThat(pool.allocate(false, DataType.FLOAT, 600, 100).data()).isSameAs(large.data());
  }

  @Test
  void reclaimTakesBackWhatARunForgot() {
    INDArray forgotten = pool.allocate(false, DataType.FLOAT, 30, 40);
    pool.reclaim();
    assertThat(pool.allocate(false, DataType.FLOAT, 30, 40).data()).isSameAs(forgotten.data());
  }

  /** Closing an array that fills its buffer frees the buffer, which must not be used again. */
  @Test
  void anArrayThatItsOwnerClosedIsGone() {
    INDArray closed = pool.allocate(false, DataType.FLOAT, 32, 32);
    closed.close();
    pool.reclaim();
    INDArray next = pool.allocate(false, DataType.FLOAT, 32, 32);
    assertThat(next.data() == closed.data()).isFalse();
    assertThat(next.data().wasClosed()).isFalse();
  }

  @Test
  void buffersThatLieIdleAreFreed() {
    INDArray idle = pool.allocate(false, DataType.FLOAT, 30, 40);
    for (int run = 0; run < 50; run++) {
      pool.reclaim();
    }
    assertThat(idle.data().wasClosed()).isTrue();
  }
}
