package dev.plumbline.alignment.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Direct preference optimisation. */
class DpoTest {
  private static final PreferenceObjective DPO = dpo(Dpo.DEFAULT_BETA);

  private static PreferenceObjective dpo(double beta) {
    return PreferenceObjective.of(new Dpo(beta));
  }

  @Test
  void defaultIsThePapers() {
    assertThat(Dpo.DEFAULT_BETA).isEqualTo(0.1); // Rafailov et al. 2023, section 6
    assertThat(Objectives.of("dpo", Hyperparameters.NONE)).isEqualTo(dpo(0.1));
    assertThat(Objectives.of("dpo", Hyperparameters.of(Hyperparameter.BETA, 0.5)))
        .isEqualTo(dpo(0.5));
    assertThat(DPO.needsReference()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void handWorkedPair(OpMode mode) {
    // Margin (-20 + 21) - (-24 + 23.5) = 1.5; sigma(-0.15) = 0.4625702.
    Probe.Batch batch = pair(-20, -24, -21, -23.5);
    assertThat(DPO.value(batch.examples(), batch.scores())).isCloseTo(0.620957, within(1e-6));
    Probe.Outcome outcome = Probe.run(DPO, mode, batch);
    assertThat(outcome.loss()).isCloseTo(0.620957, within(1e-6));
    assertThat(outcome.flat())
        .containsExactly(new double[] {-0.04625702, 0.04625702}, within(1e-7));
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void policyEqualToReferenceGivesLn2(OpMode mode) {
    for (double beta : new double[] {0.01, 0.1, 1, 5}) {
      PreferenceObjective dpo = dpo(beta);
      Probe.Batch batch = Probe.join(pair(-3, -11, -3, -11), pair(-40, -2, -40, -2));
      assertThat(dpo.value(batch.examples(), batch.scores())).isEqualTo(Math.log(2));
      Probe.Outcome outcome = Probe.run(dpo, mode, batch);
      assertThat(outcome.loss()).isCloseTo(Math.log(2), within(1e-6));
      assertThat(outcome.flat())
          .containsExactly(new double[] {-beta / 4, beta / 4, -beta / 4, beta / 4}, within(1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void betaZeroIsLn2WithoutGradient(OpMode mode) {
    Probe.Batch batch = pair(-3, -50, -20, -1);
    assertThat(dpo(0).value(batch.examples(), batch.scores())).isEqualTo(Math.log(2));
    Probe.Outcome outcome = Probe.run(dpo(0), mode, batch);
    assertThat(outcome.loss()).isCloseTo(Math.log(2), within(1e-6));
    assertThat(outcome.flat()).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void hugeMarginsStayFinite(OpMode mode) {
    Probe.Batch won = pair(-1, -2000, -1000, -1);
    Probe.Batch lost = pair(-2000, -1, -1, -1000);
    assertThat(DPO.value(won.examples(), won.scores())).isCloseTo(0, within(1e-12));
    assertThat(DPO.value(lost.examples(), lost.scores())).isCloseTo(299.8, within(1e-6));
    assertThat(Probe.run(DPO, mode, won).loss()).isCloseTo(0, within(1e-6));
    Probe.Outcome outcome = Probe.run(DPO, mode, lost);
    assertThat(outcome.loss()).isCloseTo(299.8, within(1e-3));
    assertThat(outcome.flat()).containsExactly(new double[] {-0.1, 0.1}, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261124})
  void holdsOnRandomBatches(long seed) {
    RandomStream random = RandomStream.of(seed, "dpo");
    String replay = "seed " + seed;
    PreferenceObjective dpo = dpo(0.05 + random.nextDouble());
    Probe.Batch batch =
        Probe.join(
            Probe.random(random, true, Role.CHOSEN, Role.REJECTED),
            Probe.random(random, true, Role.CHOSEN, Role.REJECTED),
            Probe.random(random, true, Role.CHOSEN, Role.REJECTED),
            Probe.random(random, true, Role.CHOSEN, Role.REJECTED));
    Invariance.valueEqualsGraph(dpo, batch, replay);
    Invariance.gradientEqualsDifferences(
        dpo, batch, scores -> dpo.value(batch.examples(), scores), replay);
    Invariance.batchOrder(dpo, batch, random, replay);
    Invariance.microBatches(dpo, batch, replay);
    Invariance.explanationRoot(dpo, batch, replay);
    double[] gradient = Probe.run(dpo, OpMode.FUSED, batch.pick(0)).flat();
    int chosen = batch.scores().get(0).policy().get(0).length;
    for (int t = 0; t < gradient.length; t++) {
      assertThat(gradient[t] * (t < chosen ? -1 : 1)).as(replay).isPositive();
    }
  }

  @Test
  void metricsAreTrlsRewards() {
    Probe.Batch batch = Probe.join(pair(-20, -24, -21, -23.5), pair(-10, -10, -9, -12));
    assertThat(DPO.metrics(batch.examples(), batch.scores()))
        .hasEntrySatisfying("rewards/chosen", v -> assertThat(v).isCloseTo(0, within(1e-12)))
        .hasEntrySatisfying("rewards/rejected", v -> assertThat(v).isCloseTo(0.075, within(1e-12)))
        .hasEntrySatisfying("rewards/margins", v -> assertThat(v).isCloseTo(-0.075, within(1e-12)))
        .containsEntry("rewards/accuracies", 0.5)
        .containsEntry("logps/chosen", -15.0)
        .containsEntry("logps/rejected", -17.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.NEGATIVE_INFINITY})
  void refusesABetaBelowZero(double beta) {
    assertThatThrownBy(() -> new Dpo(beta))
        .isInstanceOf(UserError.class)
        .hasMessage("beta must be >= 0, but is " + beta + ".");
  }

  private static Probe.Batch pair(double w, double l, double refW, double refL) {
    return new Probe.Batch(
        List.of(
            new Example(
                new int[] {1},
                List.of(Probe.response(Role.CHOSEN, 1), Probe.response(Role.REJECTED, 1)))),
        List.of(
            new TokenScores(
                List.of(new float[] {(float) w}, new float[] {(float) l}),
                List.of(new float[] {(float) refW}, new float[] {(float) refL}))));
  }
}
