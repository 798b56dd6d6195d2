package dev.plumbline.alignment.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variants of DPO: hand-worked values and characteristic properties. */
class PairLossTest {
  /** Chosen of three tokens, rejected of two: a_w = 0.1, a_l = -0.2, h = 0.3. */
  private static final Probe.Batch PAIR =
      batch(
          new float[] {-0.5f, -0.2f, -1.0f},
          new float[] {-0.4f, -1.5f},
          new float[] {-0.6f, -0.3f, -0.9f},
          new float[] {-0.5f, -1.2f});

  private static Probe.Batch batch(float[] w, float[] l, float[] refW, float[] refL) {
    return new Probe.Batch(
        List.of(
            new Example(
                new int[] {1},
                List.of(
                    Probe.response(Role.CHOSEN, w.length),
                    Probe.response(Role.REJECTED, l.length)))),
        List.of(new TokenScores(List.of(w, l), List.of(refW, refL))));
  }

  /**
   * {@link #PAIR} has log pi = (-1.7, -1.9) and log pi_ref = (-1.8, -1.7), so a = (0.1, -0.2), h =
   * 0.3, and n = (3, 2) tokens give s = (-0.566667, -0.95):
   *
   * <pre>
   *   dpo               log(1 + e^(-0.1 h)) = log(1 + e^-0.03) = 0.678260;  beta 0.5: log(1 + e^-0.15) = 0.620957
   *   conservative-dpo  0.9 log(1 + e^-0.03) + 0.1 log(1 + e^0.03) = 0.678260 + 0.1 * 0.03 = 0.681260
   *   ipo               sums: (0.3 - 5)^2 = 22.09;  means: (0.1/3 + 0.2/2 - 5)^2 = 4.866667^2 = 23.684444
   *   rpo               dpo - s_w = 0.678260 + 0.566667 = 1.244926
   *   dpo-positive      a_w is above 0, so the penalty is 0: dpo
   *   simpo             2 (s_w - s_l) - 1 = -0.233333;  log(1 + e^0.233333) = 0.816604
   *   orpo              o = log(e^s / (1 - e^s)) = (0.271314, -0.461010);
   *                     -s_w + 0.1 log(1 + e^-0.732324) = 0.566667 + 0.039257 = 0.605924
   * </pre>
   */
  static Stream<Arguments> vectors() {
    return Stream.of(
        Arguments.of(new Dpo(0.1), 0.67825967634),
        Arguments.of(new Dpo(0.5), 0.62095704779),
        Arguments.of(new StepDpo(0.1), 0.67825967634),
        Arguments.of(new ConservativeDpo(0.1, 0.1), 0.68125967634),
        Arguments.of(new Ipo(0.1, false), 22.09),
        Arguments.of(new Ipo(0.1, true), 23.68444444444),
        Arguments.of(new Rpo(0.1, 1), 1.24492634301),
        Arguments.of(new DpoPositive(0.1, 50), 0.67825967634), // a_w is above 0: no penalty
        Arguments.of(new SimPo(2, 0.5), 0.81660402006),
        Arguments.of(new Orpo(0.1), 0.60592378362));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void handWorkedValues(PairLoss loss, double expected) {
    PreferenceObjective objective = PreferenceObjective.of(loss);
    assertThat(objective.value(PAIR.examples(), PAIR.scores()))
        .isCloseTo(expected, within(expected * 1e-6)); // the inputs are float32
    for (OpMode mode : OpMode.values()) {
      assertThat(Probe.run(objective, mode, PAIR).loss())
          .as(mode.name())
          .isCloseTo(expected, within(2e-5));
    }
    assertThat(objective.explain(PAIR.examples().get(0), PAIR.scores().get(0)).text())
        .contains("y_w candidate 0, y_l candidate 1");
  }

  @Test
  void conservativeDpoHasItsOptimumAtTheLogOdds() {
    // h* = log(0.9 / 0.1) / 0.5 has no gradient.
    float h = (float) (Math.log(9) / 0.5);
    Probe.Batch at = batch(new float[] {-1}, new float[] {-1 - h}, new float[1], new float[1]);
    Probe.Batch level =
        batch(new float[] {-1}, new float[] {-1}, new float[] {-1}, new float[] {-1});
    PreferenceObjective objective = PreferenceObjective.of(new ConservativeDpo(0.5, 0.1));
    // Against a reference of 0 the margin is -1 - (-1 - h) = h.
    assertThat(Probe.run(objective, OpMode.FUSED, at).flat()[0]).isCloseTo(0, within(1e-6));
    assertThat(Probe.run(objective, OpMode.FUSED, level).flat()[0]).isNegative();
  }

  @Test
  void dpoPositiveHoldsTheChosenResponse() {
    // a_w = -1, a_l = -9: DPO has a small gradient, DPO-positive raises the chosen response much
    // more.
    Probe.Batch sunk =
        batch(new float[] {-3}, new float[] {-12}, new float[] {-2}, new float[] {-3});
    double dpo = Probe.run(PreferenceObjective.of(new Dpo(0.1)), OpMode.FUSED, sunk).flat()[0];
    double positive =
        Probe.run(PreferenceObjective.of(new DpoPositive(0.1, 50)), OpMode.FUSED, sunk).flat()[0];
    assertThat(positive).isLessThan(10 * dpo);
  }

  @Test
  void orpoStaysFiniteWhereTheModelIsCertain() {
    Probe.Batch certain = batch(new float[] {0}, new float[] {-2}, new float[1], new float[1]);
    for (OpMode mode : OpMode.values()) {
      Probe.Outcome outcome = Probe.run(PreferenceObjective.of(new Orpo(0.1)), mode, certain);
      assertThat(outcome.loss()).isFinite();
      assertThat(outcome.flat()).doesNotContain(Double.NaN);
    }
  }

  @Test
  void criticalDpoWeightsTheTokensOfItsForm() {
    Example plain = PAIR.examples().get(0);
    Response chosen = plain.responses().get(0);
    Response rejected = plain.responses().get(1);
    Example example =
        new Example(
            plain.prompt(),
            List.of(
                new Response(chosen.ids(), chosen.role(), 1, new float[] {0.5f, 1, 0}, null),
                new Response(rejected.ids(), rejected.role(), 0, new float[] {0.25f, 1}, null)));
    Probe.Batch batch = new Probe.Batch(List.of(example), PAIR.scores());
    // chosen r = 0.1, 0.1, -0.1; rejected r = 0.1, -0.3
    Object[][] expected = {
      {new CriticalDpo(0.5, false), 0.1 - (0.025 - 0.3)},
      {new CriticalDpo(0.5, true), 0.15 - (0.025 - 0.3)}
    };
    for (Object[] row : expected) {
      PreferenceObjective objective = PreferenceObjective.of((CriticalDpo) row[0]);
      double value = Math.log1p(Math.exp(-0.5 * (double) row[1]));
      assertThat(objective.value(batch.examples(), batch.scores())).isCloseTo(value, within(1e-6));
      for (OpMode mode : OpMode.values()) {
        assertThat(Probe.run(objective, mode, batch).loss()).isCloseTo(value, within(1e-6));
      }
    }
    // Without weights it is DPO.
    assertThat(
            PreferenceObjective.of(new CriticalDpo(0.1, true))
                .value(PAIR.examples(), PAIR.scores()))
        .isEqualTo(PreferenceObjective.of(new Dpo(0.1)).value(PAIR.examples(), PAIR.scores()));
  }

  @Test
  void elementwiseComparesPositionsFromTheStartAndUnusedOnesGiveLogTwo() {
    // chosen r = 0.1, 0.1, -0.1; rejected r = 0.1, -0.3; T = 1 + 3 - 1 = 3
    double[] x = {0.5 * (0.1 - 0.1), 0.5 * (0.1 + 0.3), 0.5 * -0.1};
    double value = 0;
    for (double one : x) {
      value += Math.log1p(Math.exp(-one)) / 3;
    }
    PreferenceObjective objective = PreferenceObjective.of(new CriticalDpoElementwise(0.5));
    assertThat(objective.value(PAIR.examples(), PAIR.scores())).isCloseTo(value, within(1e-6));
    Example longer = new Example(new int[7], PAIR.examples().get(0).responses());
    assertThat(objective.value(List.of(longer), PAIR.scores()))
        .isCloseTo((3 * value + 6 * Math.log(2)) / 9, within(1e-6));
  }

  /**
   * As in the released code: both responses begin after the prompt, with zeros as padding at the
   * end.
   */
  @Test
  void elementwiseWeightsWorkedByHand() {
    float[] policy = {-0.9f, -1.2f, -0.7f, -0.6f};
    float[] reference = {-1.2f, -1.0f, -0.8f, -1.0f}; // r = 0.3, -0.2, 0.1, 0.4
    float[] wrong = {-1.5f, -0.75f};
    float[] wrongReference = {-1.0f, -1.0f}; // r = -0.5, 0.25
    Response chosen = new Response(new int[] {4, 5, 6, 2}, Role.CHOSEN, 1, null, null);
    float[] oneLess = {1 - 0.8f, 1 - 0.1f};
    Response rejected = new Response(new int[] {7, 2}, Role.REJECTED, 0, oneLess, null);
    Example example = new Example(new int[] {1, 8, 9}, List.of(chosen, rejected));
    TokenScores scores =
        new TokenScores(List.of(policy, wrong), List.of(reference, wrongReference), null);
    Probe.Batch batch = new Probe.Batch(List.of(example), List.of(scores));
    // T = 6: two positions of the prompt, then
    double[] x = {0.3 - 0.2 * -0.5, -0.2 - 0.9 * 0.25, 0.1, 0.4};
    double value = 2 * Math.log(2) / 6;
    for (double one : x) {
      value += Math.log1p(Math.exp(-0.2 * one)) / 6;
    }
    PreferenceObjective objective = PreferenceObjective.of(new CriticalDpoElementwise(0.2));
    assertThat(objective.value(batch.examples(), batch.scores())).isCloseTo(value, within(1e-6));
    for (OpMode mode : OpMode.values()) {
      assertThat(Probe.run(objective, mode, batch).loss()).isCloseTo(value, within(1e-6));
    }
  }

  @ParameterizedTest
  // K_w = 0.3, K_l = 0.1: log(1 + e^(-0.1 (0.3 + 0.2))) and, with alpha 0.5, log(1 + e^-0.04)
  @CsvSource({"tdpo1, 0.66845964801", "tdpo2, 0.67334716723"})
  void tdpoVectorsAndGradientsThroughTheKl(String name, double expected) {
    TokenScores plain = PAIR.scores().get(0);
    TokenScores scores =
        new TokenScores(
            plain.policy(),
            plain.reference(),
            List.of(new float[] {0.05f, 0.2f, 0.05f}, new float[] {0.04f, 0.06f}));
    Probe.Batch batch = new Probe.Batch(PAIR.examples(), List.of(scores));
    Objective objective = Objectives.of(name, Hyperparameters.NONE);
    assertThat(objective.value(batch.examples(), batch.scores())).isCloseTo(expected, within(1e-7));
    double alpha = name.equals("tdpo1") ? 1 : 0.5;
    double slope = 0.1 * (1 - Math.exp(-expected)); // beta sigma(-x)
    for (OpMode mode : OpMode.values()) {
      Probe.Outcome outcome = Probe.run(objective, mode, batch);
      assertThat(outcome.loss()).isCloseTo(expected, within(1e-6));
      double chosen = name.equals("tdpo1") ? -slope : 0;
      assertThat(Probe.flat(outcome.klGradients()))
          .containsExactly(
              new double[] {chosen, chosen, chosen, alpha * slope, alpha * slope}, within(1e-6));
    }
  }

  @Test
  void stepDpoTakesTheFirstStep() {
    TokenText chosen = new TokenText(null, new int[] {5, 6, 7, 2}, null, new int[] {2, 4});
    TokenText rejected =
        new TokenText(
            null, new int[] {8, 9, 2}, new boolean[] {true, false, true}, new int[] {1, 3});
    Objective step = Objectives.of("step-dpo", Hyperparameters.NONE);
    RowEncoder encoder = new RowEncoder(null);
    TokenText prompt = TokenText.ofIds(1);
    List<Response> responses =
        step.example(new PreferencePair(prompt, chosen, rejected, null, null), encoder).responses();
    assertThat(responses.get(0).ids()).containsExactly(5, 6);
    assertThat(responses.get(1).ids()).containsExactly(8);
    assertThat(responses.get(1).scored()).containsExactly(true);
    PreferencePair whole =
        new PreferencePair(prompt, TokenText.ofIds(5), TokenText.ofIds(8), null, null);
    assertThatThrownBy(() -> step.example(whole, encoder))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("chosen_steps");
  }

  @ParameterizedTest
  @CsvSource({
    "conservative-dpo, LABEL_SMOOTHING, 0.5, 'label-smoothing must be >= 0 and < 0.5, but is 0.5'",
    "simpo, GAMMA_RATIO, -1, 'gamma-ratio must be >= 0, but is -1.0'",
    "rpo, NLL_WEIGHT, NaN, 'nll-weight must be >= 0, but is NaN'",
    "orpo, ODDS_WEIGHT, -0.1, 'odds-weight must be >= 0, but is -0.1'",
    "dpo-positive, POSITIVE_WEIGHT, -2, 'positive-weight must be >= 0, but is -2.0'",
    "ipo, BETA, 0, 'beta must be > 0 for ipo, but is 0.0'",
    "tdpo2, KL_WEIGHT, -1, 'kl-weight must be >= 0, but is -1.0'",
    "critical-dpo, BETA, -1, 'beta must be >= 0, but is -1.0'",
    "kto, DESIRABLE_WEIGHT, -1, 'desirable-weight must be >= 0, but is -1.0'",
    "step-dpo, BETA, -1, 'beta must be >= 0, but is -1.0'"
  })
  void refusesNumbersOutOfRange(String name, Hyperparameter key, double value, String message) {
    Hyperparameters wrong = Hyperparameters.of(key, value);
    assertThatThrownBy(() -> Objectives.of(name, wrong))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message);
  }

  /**
   * kto: value = graph, gradient, order. z_0 belongs to a pass, so micro-batches differ from the
   * whole.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261125})
  void ktoHoldsOnRandomBatches(long seed) {
    RandomStream random = RandomStream.of(seed, "kto");
    Probe.Batch batch =
        Probe.join(
            Probe.random(random, true, Role.CHOSEN, Role.REJECTED, Role.MISMATCHED),
            Probe.random(random, true, Role.POSITIVE, Role.POSITIVE, Role.MISMATCHED),
            Probe.random(random, true, Role.NEGATIVE, Role.MISMATCHED));
    String replay = "seed " + seed;
    Kto kto = new Kto(0.3, 1.2, 0.7);
    Invariance.valueEqualsGraph(kto, batch, replay);
    Invariance.gradientEqualsDifferences(
        kto, batch, moved -> kto.value(batch.examples(), moved, batch.scores()), replay);
    Invariance.batchOrder(kto, batch, random, replay);
    Invariance.explanationRoot(kto, batch, replay);
  }

  @ParameterizedTest
  @CsvSource({"CHOSEN, 0.49875000260", "REJECTED, 0.49375032550"})
  void ktoWorkedByHand(Role role, double expected) {
    // z_0 = 0.05 from a mismatched response of log-ratio 0.05; 1 - sigma(0.1 (0.1 - 0.05)) and
    // 1 - sigma(0.1 (0.05 + 0.2)).
    double a = role == Role.CHOSEN ? 0.1 : -0.2;
    Example example =
        new Example(
            new int[] {1},
            List.of(Probe.response(role, 1), Probe.response(Role.MISMATCHED, 1)),
            -1);
    TokenScores scores =
        new TokenScores(
            List.of(new float[] {(float) (a - 1)}, new float[] {-0.95f}),
            List.of(new float[] {-1}, new float[] {-1}));
    assertThat(new Kto(0.1, 1, 1).value(List.of(example), List.of(scores)))
        .isCloseTo(expected, within(1e-7));
  }

  @Test
  void ktoLinksEachExampleWithTheNextOnesResponse() {
    List<Example> linked =
        new Kto(0.1, 1, 1)
            .link(
                List.of(
                    new Example(new int[] {1}, List.of(Probe.response(Role.CHOSEN, 1)), -1),
                    new Example(new int[] {2}, List.of(Probe.response(Role.REJECTED, 4)), -1)));
    assertThat(linked.get(0).responses().get(1).ids()).hasSize(4);
    assertThat(linked.get(1).responses().get(1).ids()).hasSize(1);
    assertThat(linked.get(1).responses().get(1).role()).isEqualTo(Role.MISMATCHED);
    assertThat(MicroBatch.responses(linked)).isEqualTo(2);
  }

  /** A masked token is in no sum and no length and has no gradient, whatever its position. */
  @ParameterizedTest
  @ValueSource(strings = {"dpo", "simpo", "rpo", "ipo", "aft-bc", "vft"})
  void maskedTokensDoNotCount(String name) {
    Objective objective = Objectives.of(name, Hyperparameters.NONE);
    TokenText masked =
        new TokenText(null, new int[] {5, 6, 7, 8}, new boolean[] {true, false, false, true}, null);
    PreferencePair row =
        new PreferencePair(TokenText.ofIds(1), masked, TokenText.ofIds(9, 3), null, null);
    Example example = objective.example(row, new RowEncoder(null));
    assertThat(example.responses().get(0).scoredTokens()).isEqualTo(2);
    TokenScores scores =
        new TokenScores(
            List.of(new float[] {-0.4f, -0.9f}, new float[] {-1.5f, -0.3f})
                .subList(0, example.responses().size()),
            List.of(new float[] {-0.5f, -0.7f}, new float[] {-1.2f, -0.4f})
                .subList(0, example.responses().size()));
    Probe.Batch batch = new Probe.Batch(List.of(example), List.of(scores));
    Probe.Outcome outcome = Probe.run(objective, OpMode.FUSED, batch);
    PreferencePair plain =
        new PreferencePair(TokenText.ofIds(1), TokenText.ofIds(5, 8), row.rejected(), null, null);
    Probe.Batch same =
        new Probe.Batch(List.of(objective.example(plain, new RowEncoder(null))), batch.scores());
    Probe.Outcome expected = Probe.run(objective, OpMode.FUSED, same);
    assertThat(outcome.loss()).isEqualTo(expected.loss());
    assertThat(outcome.flat()).containsExactly(expected.flat());
    assertThat(objective.value(batch.examples(), batch.scores()))
        .isEqualTo(objective.value(same.examples(), same.scores()));
  }
}
