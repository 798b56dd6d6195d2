package dev.plumbline.alignment.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Invariants of every objective on every batch. */
final class Invariance {
  static final double CLOSE = 2e-5;

  private Invariance() {}

  /** The plain formula and both bodies of the graph have the same value. */
  static void valueEqualsGraph(Objective objective, Probe.Batch batch, String seed) {
    double value = objective.value(batch.examples(), batch.scores());
    for (OpMode mode : OpMode.values()) {
      assertThat(Probe.run(objective, mode, batch).loss())
          .as("%s, %s, %s", objective, mode, seed)
          .isCloseTo(value, within(CLOSE));
    }
  }

  /** The graph's gradient equals finite differences of a quantity. */
  static void gradientEqualsDifferences(
      Objective objective, Probe.Batch batch, Probe.Quantity quantity, String seed) {
    double[] expected = Probe.differences(batch, quantity);
    for (OpMode mode : OpMode.values()) {
      assertThat(Probe.run(objective, mode, batch).flat())
          .as("%s, %s, %s", objective, mode, seed)
          .containsExactly(expected, within(CLOSE));
    }
  }

  /** A new order of the batch's examples changes neither the value nor any gradient. */
  static void batchOrder(Objective objective, Probe.Batch batch, RandomStream random, String seed) {
    int[] order = random.permutation(batch.examples().size());
    Probe.Batch shuffled = batch.pick(order);
    Probe.Outcome before = Probe.run(objective, OpMode.FUSED, batch);
    Probe.Outcome after = Probe.run(objective, OpMode.FUSED, shuffled);
    String what = objective + ", " + Arrays.toString(order) + ", " + seed;
    assertThat(after.loss()).as(what).isCloseTo(before.loss(), within(CLOSE));
    assertThat(objective.value(shuffled.examples(), shuffled.scores()))
        .as(what)
        .isCloseTo(objective.value(batch.examples(), batch.scores()), within(1e-12));
    for (int i = 0; i < order.length; i++) {
      assertThat(after.flat(i)).as(what).containsExactly(before.flat(order[i]), within(CLOSE));
    }
  }

  /** The parts of a step add up to the whole: the loss, and gradients token by token. */
  static void microBatches(Objective objective, Probe.Batch batch, String seed) {
    MicroBatch whole = MicroBatch.whole(batch.examples(), batch.reference());
    Probe.Outcome together = Probe.run(objective, OpMode.FUSED, batch);
    int n = batch.examples().size();
    for (int size = 1; size < n; size++) {
      double loss = 0;
      for (int from = 0; from < n; from += size) {
        int to = Math.min(n, from + size);
        Probe.Batch part = batch.pick(IntStream.range(from, to).toArray());
        MicroBatch micro =
            new MicroBatch(
                part.examples(),
                part.reference(),
                whole.stepExamples(),
                whole.stepTargetTokens(),
                whole.stepResponses());
        Probe.Outcome outcome = Probe.run(objective, OpMode.FUSED, part, micro);
        loss += outcome.loss();
        for (int i = from; i < to; i++) {
          assertThat(outcome.flat(i - from))
              .as("%s, parts of %d, %s", objective, size, seed)
              .containsExactly(together.flat(i), within(CLOSE));
        }
      }
      assertThat(loss)
          .as("%s, parts of %d, %s", objective, size, seed)
          .isCloseTo(together.loss(), within(CLOSE));
    }
  }

  /** The root of an explanation is the value of the example alone. */
  static void explanationRoot(Objective objective, Probe.Batch batch, String seed) {
    for (int i = 0; i < batch.examples().size(); i++) {
      Example example = batch.examples().get(i);
      TokenScores scores = batch.scores().get(i);
      assertThat(objective.explain(example, scores).value())
          .as("%s, example %d, %s", objective, i, seed)
          .isCloseTo(objective.value(List.of(example), List.of(scores)), within(1e-12));
    }
  }
}
