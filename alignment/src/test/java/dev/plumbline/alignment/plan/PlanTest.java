package dev.plumbline.alignment.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.plan.Plan.Batch;
import dev.plumbline.alignment.plan.Plan.Method;
import dev.plumbline.alignment.plan.Plan.Trained;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.PublishedShapes;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plans, compared with counts by hand and the figures of docs/models.md. */
class PlanTest {
  private static final Plan LLAMA_1B = new Plan(PublishedShapes.of("llama-3.2-1b"), Dtype.BF16);
  private static final long PARAMETERS = 1_235_814_400;
  private static final Method WEIGHTS = new Method(Trained.WEIGHTS, 8, false, false);
  private static final Method ADAPTER = new Method(Trained.ADAPTER, 8, false, false);
  private static final Method AGAIN = new Method(Trained.ADAPTER, 8, true, false);
  private static final Batch STEP = new Batch(2, 1, 1, 64, 64);

  @Test
  void trainingTakesSixteenBytesPerParameterPlusActivations() {
    Map<String, Long> parts = LLAMA_1B.memory(WEIGHTS, STEP);
    long three = parts.get("weights") + parts.get("gradients") + parts.get("moments of AdamW");
    long tiedHead =
        8L * 2048 * 128256; // the gradient as embedding, the gradient as head, and their sum
    assertThat(three).isEqualTo(16 * PARAMETERS + tiedHead);
    Map<String, Long> more = LLAMA_1B.memory(WEIGHTS, new Batch(2, 4, 1, 64, 64));
    assertThat(more.get("gradients")).isEqualTo(parts.get("gradients") + 4 * PARAMETERS);
    assertThat(more.get("activations")).isEqualTo(parts.get("activations"));
  }

  @Test
  void anAdapterHasTheParametersOfItsMatrices() {
    long h = 2048;
    long i = 8192;
    long kv = 512;
    long layer = 8 * ((h + h) + 2 * (h + kv) + (h + h) + 3 * (h + i));
    assertThat(LLAMA_1B.trained(ADAPTER)).isEqualTo(16 * layer);
  }

  /** Figures measured with 'bench --model' on such a checkpoint. */
  @Test
  void memoryIsThatMeasured() {
    double gib = 1L << 30;
    assertThat(Plan.total(LLAMA_1B.memory(AGAIN, STEP)) / gib).isCloseTo(3.24, within(0.35));
    assertThat(Plan.total(LLAMA_1B.scoringMemory(1024)) / gib).isCloseTo(3.03, within(0.3));
    assertThat(Plan.total(LLAMA_1B.generationMemory(8, 96)) / gib).isCloseTo(2.79, within(0.3));
  }

  @Test
  void bfloat16StaysInItsFileOnlyWhereItIsLargeAndFrozen() {
    assertThat(LLAMA_1B.inPlace()).isTrue();
    assertThat(LLAMA_1B.memory(AGAIN, STEP))
        .containsEntry("weights, in their file", 2 * PARAMETERS);
    Plan floats = new Plan(PublishedShapes.of("llama-3.2-1b"), Dtype.F32);
    assertThat(floats.inPlace()).isFalse();
    assertThat(floats.memory(AGAIN, STEP)).containsEntry("weights", 4 * PARAMETERS);
    assertThat(new Plan(PublishedShapes.of("smollm-135m"), Dtype.BF16).inPlace()).isFalse();
  }

  @Test
  void activationCheckpointingTradesMemoryForWork() {
    Batch large = new Batch(16, 1, 2, 128, 128);
    assertThat(LLAMA_1B.memory(AGAIN, large).get("activations"))
        .isLessThan(LLAMA_1B.memory(ADAPTER, large).get("activations") / 8);
    double ratio = LLAMA_1B.operations(AGAIN, large) / LLAMA_1B.operations(ADAPTER, large);
    assertThat(ratio).isBetween(1.3, 1.5);
  }

  @Test
  void timesFollowTheMachine() {
    Machine slow = new Machine(10e9, 50e9);
    Machine fast = new Machine(20e9, 100e9);
    assertThat(LLAMA_1B.seconds(AGAIN, STEP, slow))
        .isCloseTo(2 * LLAMA_1B.seconds(AGAIN, STEP, fast), within(1e-9));
    // One sequence reads every weight once per token, except the embedding, which is also the head.
    assertThat(LLAMA_1B.generationBytes(1, 0)).isCloseTo(2.0 * PARAMETERS, within(1e6));
    double one = LLAMA_1B.generationSeconds(1, 64, fast);
    assertThat(LLAMA_1B.generationSeconds(2, 64, fast)).isCloseTo(one, within(0.1 * one));
    assertThat(LLAMA_1B.generationSeconds(64, 64, fast)).isGreaterThan(4 * one);
  }

  @Test
  void theMachineIsMeasured() {
    Machine machine = Machine.measure();
    assertThat(machine.flopsPerSecond()).isBetween(1e8, 1e14);
    assertThat(machine.bytesPerSecond()).isBetween(1e8, 1e13);
  }
}
