package dev.plumbline.alignment.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Alignment fine-tuning: hand-worked values, its signs and its limits.
 *
 * <p>The worked example has scores s_p = (-0.30, -0.55) and s_n = (-0.20, -0.80, -1.60), beta 0.15:
 *
 * <pre>
 *   sum_p sum_n exp(s_n - s_p)
 *     = (e^-0.20 + e^-0.80 + e^-1.60) (e^0.30 + e^0.55)
 *     = 1.469956 * 3.083112 = 4.532040                    L_A  = log(1 + 4.532040) = 1.710557
 *   B = -0.55 - 0.15 = -0.70,  T = 2 B - s_p = (-1.10, -0.85)
 *   sum_p sum_n exp(T_p - s_n)
 *     = (e^-1.10 + e^-0.85) (e^0.20 + e^0.80 + e^1.60)
 *     = 0.760286 * 8.399976 = 6.386385                    L_BC = log(1 + 4.532040 + 6.386385) = 2.478085
 *   dL_A/ds_p = - e^-s_p sum_n e^s_n / (1 + 4.532040):  -0.358680, -0.460555
 *   dL_A/ds_n =   e^s_n sum_p e^-s_p / (1 + 4.532040):   0.456294,  0.250420, 0.112521
 * </pre>
 */
class AftTest {
  private static final double[] SP = {-0.30, -0.55};
  private static final double[] SN = {-0.20, -0.80, -1.60};
  private static final double MARGIN = 0.15;
  private static final double DIGITS = 2e-6; // the vectors have six digits

  private static PreferenceObjective aft(Constraint constraint, double beta) {
    return PreferenceObjective.of(Aft.of(constraint, beta)); // the alignment term alone
  }

  private static double alignment(PreferenceLoss loss, double[] sp, double[] sn) {
    Candidates c = candidates(sp, sn);
    return loss.value(c);
  }

  private static Candidates candidates(double[] sp, double[] sn) {
    double[] quality = new double[sp.length + sn.length];
    Arrays.fill(quality, 0, sp.length, 1);
    return Candidates.of(
        DoubleStream.concat(Arrays.stream(sp), Arrays.stream(sn)).toArray(), quality);
  }

  private static double value(Objective objective, Probe.Batch batch) {
    return objective.value(batch.examples(), batch.scores());
  }

  @Test
  void defaultsAreThePapers() {
    assertThat(Aft.DEFAULT_BOUNDARY_MARGIN).isEqualTo(0.15);
    assertThat(PreferenceObjective.withVft(Aft.of(Constraint.BOUNDARY, 0.2)))
        .isEqualTo( // L_AFT = L_VFT + L
            new PreferenceObjective(
                new Aft(Feedback.BINARY, Constraint.BOUNDARY, 0.2, true),
                1,
                Likelihood.ofReference(1),
                false));
    assertThat(of("aft-bc", null)).isEqualTo(aft(Constraint.BOUNDARY, 0.15));
    assertThat(of("aft-dc", null)).isEqualTo(aft(Constraint.DETACHED, 0.15));
    assertThat(of("aft-none", null)).isEqualTo(aft(Constraint.NONE, 0.15));
    assertThat(of("aft-rbc", 0.3))
        .isEqualTo(PreferenceObjective.of(Aft.ranking(Constraint.BOUNDARY, 0.3)));
    for (String name : Objectives.NAMES) {
      assertThat(of(name, null).name()).isEqualTo(name);
    }
  }

  private static Objective of(String name, Double margin) {
    return Objectives.of(name, Hyperparameters.NONE.with(Hyperparameter.BOUNDARY_MARGIN, margin));
  }

  @ParameterizedTest
  @CsvSource({
    "NONE,     true,  1.710557, -0.358680, -0.460555, 0.456294, 0.250420,  0.112521",
    "DETACHED, true,  1.710557, -0.358680, -0.460555, 0,        0,         0",
    "BOUNDARY, true,  2.478085, -0.166485, -0.213770, 0.133879, -0.025735, -0.263730",
    "BOUNDARY, false, 2.478085, -0.401088, 0.556675,  0.133879, -0.025735, -0.263730"
  })
  void testVectors(
      Constraint constraint,
      boolean detachBoundary,
      double value,
      double p1,
      double p2,
      double n1,
      double n2,
      double n3) {
    PreferenceObjective aft =
        PreferenceObjective.of(new Aft(Feedback.BINARY, constraint, MARGIN, detachBoundary));
    assertThat(alignment(aft.loss(), SP, SN)).isCloseTo(value, within(5e-7));
    Probe.Batch batch = Probe.scores(SP, SN);
    assertThat(value(aft, batch)).isCloseTo(value, within(DIGITS));
    for (OpMode mode : OpMode.values()) {
      Probe.Outcome outcome = Probe.run(aft, mode, batch);
      assertThat(outcome.loss()).as(mode.name()).isCloseTo(value, within(DIGITS));
      assertThat(outcome.flat())
          .as(mode.name())
          .containsExactly(new double[] {p1, p2, n1, n2, n3}, within(DIGITS));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.05, 2.590196",
    "0.15, 2.478085",
    "0.5, 2.163717",
    "2, 1.738699",
    "10, 1.710557",
    "50, 1.710557"
  })
  void boundaryLossByBeta(double beta, double value) {
    PreferenceObjective aft = aft(Constraint.BOUNDARY, beta);
    assertThat(alignment(aft.loss(), SP, SN)).isCloseTo(value, within(6e-7));
    for (OpMode mode : OpMode.values()) {
      assertThat(Probe.run(aft, mode, Probe.scores(SP, SN)).loss())
          .as(mode.name())
          .isCloseTo(value, within(DIGITS));
    }
  }

  @Test
  void boundaryAndFloor() {
    PreferenceObjective aft = aft(Constraint.BOUNDARY, MARGIN);
    assertThat(candidates(SP, SN).boundary(2, MARGIN)).isCloseTo(-0.70, within(1e-12));
    double[] atBoundary = {-0.70, -0.70, -0.70};
    assertThat(alignment(aft.loss(), SP, atBoundary)).isCloseTo(2.321031, within(5e-7));
    double sum =
        Math.exp(-0.70 + 0.30) + Math.exp(-0.70 + 0.55); // log(1 + 2 |GN| sum exp(B - s_p))
    assertThat(alignment(aft.loss(), SP, atBoundary))
        .isCloseTo(Math.log1p(2 * 3 * sum), within(1e-12));
    assertThat(alignment(aft.loss(), SP, atBoundary))
        .isLessThanOrEqualTo(Math.log1p(2 * 2 * 3 * Math.exp(-MARGIN)));
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void aNegativeAtTheBoundaryHasNoGradient(OpMode mode) {
    PreferenceObjective aft = aft(Constraint.BOUNDARY, MARGIN);
    double[] gradient =
        Probe.run(aft, mode, Probe.scores(SP, new double[] {-0.70, -0.70 + 0.1, -0.70 - 0.1}))
            .flat();
    assertThat(gradient[2]).isCloseTo(0, within(1e-6));
    assertThat(gradient[3]).isPositive(); // lowered to B
    assertThat(gradient[4]).isNegative(); // raised to B
    assertThat(gradient[0]).isNegative();
    assertThat(gradient[1]).isNegative();
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void betaLargeIsNoConstraint(OpMode mode) {
    Probe.Batch batch = Probe.scores(SP, SN);
    Probe.Outcome none = Probe.run(aft(Constraint.NONE, 0), mode, batch);
    Probe.Outcome wide = Probe.run(aft(Constraint.BOUNDARY, 30), mode, batch);
    assertThat(wide.loss()).isCloseTo(none.loss(), within(1e-6));
    assertThat(wide.flat()).containsExactly(none.flat(), within(1e-6));
  }

  @ParameterizedTest
  @EnumSource(Constraint.class)
  void emptyGroupsContributeNothing(Constraint constraint) {
    PreferenceObjective aft = aft(constraint, MARGIN);
    Probe.Batch noPositive = Probe.scores(new double[0], new double[] {-0.3, -2});
    Probe.Batch noNegative = Probe.scores(new double[] {-0.4}, new double[0]);
    Probe.Batch full = Probe.scores(SP, SN);
    for (OpMode mode : OpMode.values()) {
      for (Probe.Batch empty : List.of(noPositive, noNegative)) {
        assertThat(value(aft, empty)).isZero();
        Probe.Outcome outcome = Probe.run(aft, mode, empty);
        assertThat(outcome.loss()).isCloseTo(0, within(1e-7));
        assertThat(outcome.flat()).containsOnly(0);
      }
      Probe.Batch batch = Probe.join(noPositive, full, noNegative);
      assertThat(value(aft, batch)).isCloseTo(value(aft, full) / 3, within(1e-12));
      Probe.Outcome outcome = Probe.run(aft, mode, batch);
      assertThat(outcome.loss()).isCloseTo(value(aft, full) / 3, within(DIGITS));
      assertThat(outcome.flat(0)).containsOnly(0);
      assertThat(outcome.flat(2)).containsOnly(0);
      double[] alone = Arrays.stream(Probe.run(aft, mode, full).flat()).map(g -> g / 3).toArray();
      assertThat(outcome.flat(1)).containsExactly(alone, within(DIGITS));
    }
    assertThat(aft.metrics(noPositive.examples(), noPositive.scores()))
        .containsEntry("empty_groups", 1.0)
        .containsEntry("loss/align", 0.0);
  }

  @ParameterizedTest
  @EnumSource(Constraint.class)
  void addingAConstantToAllScoresChangesNothing(Constraint constraint) {
    PreferenceObjective aft = aft(constraint, MARGIN);
    for (double shift : new double[] {-20, -3, 0.1}) {
      Probe.Batch moved = Probe.scores(plus(SP, shift), plus(SN, shift));
      assertThat(alignment(aft.loss(), plus(SP, shift), plus(SN, shift)))
          .isCloseTo(alignment(aft.loss(), SP, SN), within(1e-12));
      for (OpMode mode : OpMode.values()) {
        Probe.Outcome here = Probe.run(aft, mode, Probe.scores(SP, SN));
        Probe.Outcome there = Probe.run(aft, mode, moved);
        assertThat(there.loss()).isCloseTo(here.loss(), within(2e-5));
        assertThat(there.flat()).containsExactly(here.flat(), within(2e-5));
      }
    }
  }

  /** One question has six pairs and the next one has one; the rest of its row is padding. */
  @ParameterizedTest
  @EnumSource(Constraint.class)
  void extremeScoresStayFinite(Constraint constraint) {
    PreferenceObjective aft = aft(constraint, MARGIN);
    for (double far : new double[] {-50, -500}) {
      Probe.Batch batch =
          Probe.join(
              Probe.scores(new double[] {far, far}, new double[] {far, -0.5, far - 1}),
              Probe.scores(new double[] {-0.1}, new double[] {far}),
              Probe.scores(new double[] {-0.1}, new double[] {-0.5}));
      double expected = value(aft, batch);
      for (OpMode mode : OpMode.values()) {
        Probe.Outcome outcome = Probe.run(aft, mode, batch);
        assertThat(outcome.loss())
            .as("%s, scores of %s", mode, far)
            .isCloseTo(expected, within(1e-5 * expected));
        assertThat(Arrays.stream(outcome.flat()).allMatch(Double::isFinite)).isTrue();
      }
    }
  }

  /** Reductions over an axis of size 1 are a special case in ND4J. */
  @ParameterizedTest
  @EnumSource(Constraint.class)
  void severalQuestionsWithOnePairEach(Constraint constraint) {
    PreferenceObjective aft = aft(constraint, MARGIN);
    Probe.Batch one = Probe.scores(new double[] {-0.3}, new double[] {-0.2});
    Probe.Batch three = Probe.scores(new double[] {-0.4}, new double[] {-0.2, -0.9, -1.5});
    for (Probe.Batch batch : List.of(Probe.join(one, one), Probe.join(one, three, one))) {
      Invariance.valueEqualsGraph(aft, batch, "no seed");
      Invariance.gradientEqualsDifferences(
          aft, batch, scores -> aft.value(batch.examples(), scores, batch.scores()), "no seed");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void orderOfCandidatesDoesNotMatter(long seed) {
    RandomStream random = RandomStream.of(seed, "candidates");
    Probe.Batch batch = PreferenceObjectiveTest.randomBatch(random).pick(0);
    int n = batch.examples().get(0).responses().size();
    int[] order = random.permutation(n);
    List<Response> responses = new ArrayList<>();
    List<float[]> policy = new ArrayList<>();
    for (int i : order) {
      responses.add(batch.examples().get(0).responses().get(i));
      policy.add(batch.scores().get(0).policy().get(i));
    }
    Probe.Batch shuffled =
        new Probe.Batch(
            List.of(new Example(new int[] {1, 2}, responses)),
            List.of(new TokenScores(policy, null)));
    for (Constraint constraint : Constraint.values()) {
      PreferenceObjective aft = PreferenceObjective.withVft(Aft.of(constraint, MARGIN));
      assertThat(value(aft, shuffled)).isCloseTo(value(aft, batch), within(1e-12));
      Probe.Outcome before = Probe.run(aft, OpMode.FUSED, batch);
      Probe.Outcome after = Probe.run(aft, OpMode.FUSED, shuffled);
      assertThat(after.loss()).as("seed %d", seed).isCloseTo(before.loss(), within(1e-5));
      for (int i = 0; i < n; i++) {
        float[] moved = after.gradients().get(0).get(i);
        float[] was = before.gradients().get(0).get(order[i]);
        assertThat(moved).as("seed %d", seed).containsExactly(was, within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void detachedConstraintHasTheValueOfNoneAndSparesNegatives(long seed) {
    Probe.Batch batch = PreferenceObjectiveTest.randomBatch(RandomStream.of(seed, "dc"));
    PreferenceObjective dc = aft(Constraint.DETACHED, MARGIN);
    PreferenceObjective none = aft(Constraint.NONE, MARGIN);
    assertThat(value(dc, batch)).isEqualTo(value(none, batch));
    for (OpMode mode : OpMode.values()) {
      Probe.Outcome a = Probe.run(dc, mode, batch);
      Probe.Outcome b = Probe.run(none, mode, batch);
      assertThat(a.loss()).as("seed %d", seed).isEqualTo(b.loss());
      for (int q = 0; q < batch.examples().size(); q++) {
        Example example = batch.examples().get(q);
        for (int i : example.indices(Role.NEGATIVE)) {
          assertThat(a.gradients().get(q).get(i)).as("seed %d", seed).containsOnly(0f);
        }
        for (int i : example.indices(Role.POSITIVE)) {
          assertThat(a.gradients().get(q).get(i))
              .as("seed %d", seed)
              .containsExactly(b.gradients().get(q).get(i), within(1e-6f));
        }
      }
    }
  }

  @Test
  void scoresAreMeansOverTokens() {
    Example example =
        new Example(
            new int[] {1},
            List.of(Probe.response(Role.POSITIVE, 4), Probe.response(Role.NEGATIVE, 1)));
    TokenScores scores =
        new TokenScores(List.of(new float[] {-1, -2, -3, -4}, new float[] {-2}), null);
    Probe.Batch batch = new Probe.Batch(List.of(example), List.of(scores));
    double expected = Math.log1p(Math.exp(-2 + 2.5));
    assertThat(value(aft(Constraint.NONE, 0), batch)).isCloseTo(expected, within(1e-12));
    double share = Math.exp(0.5) / (1 + Math.exp(0.5));
    assertThat(Probe.run(aft(Constraint.NONE, 0), OpMode.FUSED, batch).flat())
        .containsExactly(
            new double[] {-share / 4, -share / 4, -share / 4, -share / 4, share}, within(1e-6));
  }

  @Test
  void totalIsTheWeightedSumOfBothTerms() {
    Example example =
        new Example(
            new int[] {1},
            List.of(
                Probe.response(Role.REFERENCE, 2),
                Probe.response(Role.POSITIVE, 1),
                Probe.response(Role.NEGATIVE, 1)));
    TokenScores scores =
        new TokenScores(
            List.of(new float[] {-1, -2}, new float[] {-0.5f}, new float[] {-0.25f}), null);
    Probe.Batch batch = new Probe.Batch(List.of(example), List.of(scores));
    double alignment = Math.log1p(Math.exp(0.25));
    assertThat(value(PreferenceObjective.withVft(Aft.of(Constraint.NONE, 0)), batch))
        .isCloseTo(1.5 + alignment, within(1e-12));
    PreferenceObjective weighted =
        new PreferenceObjective(Aft.of(Constraint.NONE, 0), 2, Likelihood.ofReference(3), false);
    assertThat(value(weighted, batch)).isCloseTo(4.5 + 2 * alignment, within(1e-12));
    assertThat(Probe.run(weighted, OpMode.FUSED, batch).loss())
        .isCloseTo(4.5 + 2 * alignment, within(1e-5));
  }

  @Test
  void metricsAreTheScoresOfTheCandidates() {
    Probe.Batch batch = Probe.scores(SP, SN);
    assertThat(aft(Constraint.BOUNDARY, MARGIN).metrics(batch.examples(), batch.scores()))
        .hasEntrySatisfying(
            "rewards/accuracies", v -> assertThat(v).isCloseTo(4.0 / 6, within(1e-12)))
        .hasEntrySatisfying("scores/chosen", v -> assertThat(v).isCloseTo(-0.425, within(1e-6)))
        .hasEntrySatisfying("scores/rejected", v -> assertThat(v).isCloseTo(-2.6 / 3, within(1e-6)))
        .hasEntrySatisfying(
            "scores/rejected_above_boundary",
            v -> assertThat(v).isCloseTo(-2.6 / 3 + 0.7, within(1e-6)))
        .hasEntrySatisfying("loss/align", v -> assertThat(v).isCloseTo(2.478085, within(DIGITS)))
        .containsEntry("empty_groups", 0.0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, Double.NaN})
  void refusesAMarginBelowZero(double margin) {
    assertThatThrownBy(() -> aft(Constraint.BOUNDARY, margin))
        .isInstanceOf(UserError.class)
        .hasMessage("boundary-margin must be >= 0, but is " + margin + ".");
  }

  private static double[] plus(double[] values, double shift) {
    return Arrays.stream(values).map(v -> v + shift).toArray();
  }
}
