package dev.plumbline.alignment.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Maximum likelihood of the reference solution. */
class VftTest {
  private static final Vft VFT = new Vft();

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void handWorkedMeanOverAllReferenceTokens(OpMode mode) {
    Probe.Batch batch =
        Probe.join(
            reference(-1f, -2f, -0.5f),
            reference(-0.25f)); // not the mean of means: (3.5 + 0.25) / 4
    assertThat(VFT.value(batch.examples(), batch.scores())).isEqualTo(0.9375);
    Probe.Outcome outcome = Probe.run(VFT, mode, batch);
    assertThat(outcome.loss()).isCloseTo(0.9375, within(1e-7));
    assertThat(outcome.flat()).containsExactly(new double[] {-0.25, -0.25, -0.25, -0.25});
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void onlyReferencesAreTrained(OpMode mode) {
    Example mixed =
        new Example(
            new int[] {1},
            List.of(
                Probe.response(Role.NEGATIVE, 2),
                Probe.response(Role.REFERENCE, 2),
                Probe.response(Role.POSITIVE, 1)));
    TokenScores scores =
        new TokenScores(
            List.of(new float[] {-9, -9}, new float[] {-1, -3}, new float[] {-7}), null);
    Probe.Batch batch = new Probe.Batch(List.of(mixed), List.of(scores));
    Probe.Outcome outcome = Probe.run(VFT, mode, batch);
    assertThat(outcome.loss()).isCloseTo(2, within(1e-6));
    assertThat(outcome.flat()).containsExactly(new double[] {0, 0, -0.5, -0.5, 0});
    assertThat(VFT.value(batch.examples(), batch.scores())).isEqualTo(2);
  }

  @Test
  void limits() {
    Probe.Batch certain = reference(0f, 0f);
    assertThat(VFT.value(certain.examples(), certain.scores())).isZero();
    Probe.Batch one = reference(-1.5f);
    assertThat(VFT.value(one.examples(), one.scores())).isEqualTo(1.5);
    Probe.Batch none = Probe.scores(new double[] {-1}, new double[] {-2});
    assertThat(VFT.value(none.examples(), none.scores())).isZero();
    assertThat(Probe.run(VFT, OpMode.FUSED, none).flat()).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261124})
  void holdsOnRandomBatches(long seed) {
    RandomStream random = RandomStream.of(seed, "vft");
    String replay = "seed " + seed;
    Probe.Batch batch =
        Probe.join(
            Probe.random(random, false, Role.REFERENCE),
            Probe.random(random, false, Role.POSITIVE, Role.REFERENCE, Role.NEGATIVE),
            Probe.random(random, false, Role.REFERENCE),
            Probe.random(random, false, Role.REFERENCE));
    Invariance.valueEqualsGraph(VFT, batch, replay);
    Invariance.gradientEqualsDifferences(
        VFT, batch, scores -> VFT.value(batch.examples(), scores), replay);
    Invariance.batchOrder(VFT, batch, random, replay);
    Invariance.microBatches(VFT, batch, replay);
    Invariance.explanationRoot(VFT, batch, replay);
  }

  @Test
  void logsTheMeanLogProbability() {
    Probe.Batch batch = reference(-1f, -2f);
    assertThat(VFT.metrics(batch.examples(), batch.scores()))
        .containsEntry("mean_token_logprob", -1.5);
  }

  private static Probe.Batch reference(float... logProbs) {
    return new Probe.Batch(
        List.of(
            new Example(new int[] {1}, List.of(Probe.response(Role.REFERENCE, logProbs.length)))),
        List.of(new TokenScores(List.of(logProbs), null)));
  }
}
