package dev.plumbline.alignment.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Invariants of every preference objective, and the ranking forms on one example. */
class PreferenceObjectiveTest {
  private static final double[] RANKED = {-0.50, -0.30, -0.45, -0.90};
  private static final double[] RATINGS = {9, 7, 4, 1};

  static Stream<Arguments> namesAndSeeds() {
    return Objectives.NAMES.stream()
        .filter(name -> !name.equals("vft") && !name.equals("kto"))
        .flatMap(name -> Stream.of(1L, 2L, 20261125L).map(seed -> Arguments.of(name, seed)));
  }

  @ParameterizedTest
  @MethodSource("namesAndSeeds")
  void holdsOnRandomBatchesAndParameters(String name, long seed) {
    RandomStream random = RandomStream.of(seed, "preference");
    PreferenceObjective drawn = drawn(name, random);
    PreferenceObjective alone =
        new PreferenceObjective(drawn.loss(), drawn.alignWeight(), Likelihood.NONE, false);
    String replay = "seed " + seed;
    Probe.Batch batch = randomBatch(random, drawn.loss());
    if (drawn.needsDistribution()) {
      batch = Probe.withKl(batch, random);
    }
    Probe.Batch fixed = batch;
    for (PreferenceObjective objective : List.of(alone, drawn)) {
      Invariance.valueEqualsGraph(objective, batch, replay);
      Invariance.gradientEqualsDifferences(
          objective,
          batch,
          moved -> objective.value(fixed.examples(), moved, fixed.scores()),
          replay);
      Invariance.explanationRoot(objective, batch, replay);
    }
    Invariance.batchOrder(drawn, batch, random, replay);
    Invariance.microBatches(drawn, batch, replay);
  }

  /** An objective with random values of all hyperparameters that it reads. */
  private static PreferenceObjective drawn(String name, RandomStream random) {
    Hyperparameters h = Hyperparameters.NONE;
    for (Hyperparameter key : Hyperparameter.values()) {
      if (Objectives.spec(name).defaults().containsKey(key)) {
        h = h.with(key, drawn(key, random));
      }
    }
    return (PreferenceObjective) Objectives.of(name, h);
  }

  private static Object drawn(Hyperparameter key, RandomStream random) {
    if (key == Hyperparameter.REFERENCE_IN_POSITIVES) {
      return false; // does not affect the generated batch
    }
    if (key.type() == Boolean.class) {
      return random.nextInt(2) == 0;
    }
    if (key.type().isEnum()) {
      Object[] constants = key.type().getEnumConstants();
      return constants[random.nextInt(constants.length)];
    }
    double u = random.nextDouble();
    return switch (key) {
      case LABEL_SMOOTHING -> 0.49 * u;
      case POSITIVE_WEIGHT -> 5 * u;
      case VFT_WEIGHT -> 0.05 + u;
      case BETA -> 0.2 + u; // IPO squares 1 / (2 beta)
      default -> 0.1 + u;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "aft-ra,  1,  1.790115, -0.491306, -0.031404,  0.212741,  0.309969",
    "aft-rdc, 1,  1.790115, -0.491306, -0.235307, -0.106446,  0",
    "aft-rbc, 1,  2.392388, -0.269022, -0.072640, -0.000666, -0.110106",
    "rrhf,    1,  0.25,     -2,         1,         1,         0",
    "pro,     10, 3.101030, -0.614915, -0.316309,  0.112285,  0.426859",
    "pro,     1,  4.788736, -7.782369, -2.058148,  1.977760,  0.689643"
  })
  void rankingVectors(
      String name, double scale, double value, double g1, double g2, double g3, double g4) {
    PreferenceLoss loss = ((PreferenceObjective) Objectives.of(name, Hyperparameters.NONE)).loss();
    double[] rewards = Arrays.stream(RATINGS).map(r -> r / scale).toArray();
    Candidates c = Candidates.of(RANKED, rewards);
    assertThat(loss.value(c)).isCloseTo(value, within(6e-7));
    Probe.Batch batch = ranked(RANKED, rewards);
    for (OpMode mode : OpMode.values()) {
      Probe.Outcome outcome = Probe.run(PreferenceObjective.of(loss), mode, batch);
      assertThat(outcome.loss()).as(mode.name()).isCloseTo(value, within(3e-6));
      assertThat(outcome.flat())
          .as(mode.name())
          .containsExactly(new double[] {g1, g2, g3, g4}, within(6e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(Constraint.class)
  void rankingOnTwoLevelsIsTheBinaryForm(Constraint constraint) {
    Probe.Batch batch =
        Probe.scores(new double[] {-0.30, -0.55}, new double[] {-0.20, -0.80, -1.60});
    for (OpMode mode : OpMode.values()) {
      Probe.Outcome binary =
          Probe.run(PreferenceObjective.of(Aft.of(constraint, 0.15)), mode, batch);
      Probe.Outcome ranked =
          Probe.run(PreferenceObjective.of(Aft.ranking(constraint, 0.15)), mode, batch);
      assertThat(ranked.loss()).isEqualTo(binary.loss());
      assertThat(ranked.flat()).containsExactly(binary.flat());
    }
  }

  @ParameterizedTest
  @MethodSource("preferences")
  void questionsWithoutAPairContributeNothing(String name) {
    PreferenceObjective objective = (PreferenceObjective) Objectives.of(name, Hyperparameters.NONE);
    Probe.Batch equal = withReference(ranked(new double[] {-0.4, -1}, new double[] {0, 0}));
    Probe.Batch single = withReference(ranked(new double[] {-0.4}, new double[] {1}));
    Probe.Batch none = withReference(ranked(new double[0], new double[0]));
    for (Probe.Batch batch : List.of(equal, single, Probe.join(equal, single))) {
      for (OpMode mode : OpMode.values()) {
        Probe.Outcome outcome = Probe.run(objective, mode, batch);
        assertThat(outcome.flat()).as(name).containsOnly(0);
        assertThat(outcome.loss())
            .isCloseTo(objective.value(batch.examples(), batch.scores()), within(1e-6));
      }
    }
    assertThat(objective.value(none.examples(), none.scores())).isZero();
    assertThat(objective.metrics(none.examples(), none.scores()))
        .containsEntry("empty_groups", 1.0);
  }

  @Test
  void candidatesWithoutAPairAreLeftOutUnlessTheLikelihoodNeedsThem() {
    assertThat(responses(Likelihood.ofReference(1), true, true)).isEqualTo(1);
    assertThat(responses(Likelihood.ofReference(1), true, false)).isEqualTo(3);
    assertThat(responses(Likelihood.NONE, true, true)).isEqualTo(2);
    for (Likelihood.Reduction reduction : Likelihood.Reduction.values()) {
      Likelihood best = new Likelihood(1, Likelihood.Target.BEST, reduction);
      boolean byCandidates =
          reduction == Likelihood.Reduction.PADDED_ROW_MEAN
              || reduction == Likelihood.Reduction.PRO_SUM;
      assertThat(responses(best, false, false))
          .as(reduction.name())
          .isEqualTo(byCandidates ? 2 : 1);
    }
  }

  private static int responses(Likelihood likelihood, boolean first, boolean second) {
    CandidateGroup group =
        new CandidateGroup(
            TokenText.ofIds(1),
            TokenText.ofIds(2),
            List.of(
                Candidate.of(TokenText.ofIds(3), first), Candidate.of(TokenText.ofIds(4), second)));
    return new PreferenceObjective(Aft.of(Constraint.NONE, 0), 1, likelihood, false)
        .example(group, new RowEncoder(null))
        .responses()
        .size();
  }

  static Stream<String> preferences() {
    return Objectives.NAMES.stream().filter(name -> !name.equals("vft") && !name.equals("kto"));
  }

  @ParameterizedTest
  @CsvSource({"rrhf", "pro", "aft-ra", "aft-rbc", "dpo"})
  void theWorstIsPushedDownAndTheBestUp(String name) {
    PreferenceObjective objective = (PreferenceObjective) Objectives.of(name, Hyperparameters.NONE);
    // The worst candidate has the highest score, far above every boundary.
    Probe.Batch batch =
        withReference(ranked(new double[] {-2, -1, -0.1}, new double[] {1, 0.5, 0}));
    double[] gradient = Probe.run(objective, OpMode.FUSED, batch).flat();
    assertThat(gradient[0]).as(name).isNegative();
    assertThat(gradient[2]).as(name).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"aft-rdc", "aft-dc", "rrhf-dc", "pro-dc", "dpo-dc"})
  void aDetachedLoserHasNoGradient(String name) {
    PreferenceObjective objective = (PreferenceObjective) Objectives.of(name, Hyperparameters.NONE);
    Probe.Batch batch =
        withReference(ranked(new double[] {-2, -1, -0.1}, new double[] {1, 0.5, 0}));
    double[] gradient = Probe.run(objective, OpMode.FUSED, batch).flat();
    assertThat(gradient[2]).as(name).isZero();
    assertThat(gradient[0]).as(name).isNegative();
  }

  @ParameterizedTest
  @CsvSource({"aft-rbc", "aft-bc", "rrhf-bc", "pro-bc", "dpo-bc"})
  void aLoserFarBelowTheBoundaryIsPulledUp(String name) {
    PreferenceObjective objective =
        (PreferenceObjective)
            Objectives.of(name, Hyperparameters.of(Hyperparameter.BOUNDARY_MARGIN, 0.1));
    Probe.Batch batch = withReference(ranked(new double[] {-0.2, -6}, new double[] {1, 0}));
    double[] gradient = Probe.run(objective, OpMode.FUSED, batch).flat();
    assertThat(gradient[1]).as(name).isNegative();
  }

  @ParameterizedTest
  @EnumSource(Likelihood.Reduction.class)
  void reductionsOfTheLikelihoodTerm(Likelihood.Reduction reduction) {
    Likelihood likelihood = new Likelihood(1, Likelihood.Target.BEST, reduction);
    Example example =
        new Example(
            new int[] {1, 2},
            List.of(
                Probe.response(Role.POSITIVE, 3),
                Probe.response(Role.NEGATIVE, 5),
                Probe.response(Role.NEGATIVE, 2)),
            0);
    TokenScores scores =
        new TokenScores(
            List.of(new float[] {-1, -2, -3}, new float[] {-9, -9, -9, -9, -9}, new float[2]),
            null);
    double expected =
        switch (reduction) {
          case TOKEN_MEAN -> 2;
          case SUM -> 6;
          case PADDED_ROW_MEAN -> 6.0 / 6; // longest row 2 + 5 tokens, shifted by one
          case PRO_SUM -> 6 * 4; // (3 - 1)^2
        };
    assertThat(likelihood.value(List.of(example), List.of(scores)))
        .isCloseTo(expected, within(1e-12));
    Probe.Batch batch = new Probe.Batch(List.of(example), List.of(scores));
    assertThat(Probe.run(new Vft(likelihood), OpMode.FUSED, batch).loss())
        .isCloseTo(expected, within(1e-5));
  }

  private static Probe.Batch withReference(Probe.Batch batch) {
    return new Probe.Batch(
        batch.examples(),
        batch.scores().stream()
            .map(s -> new TokenScores(s.policy(), s.policy(), s.policy())) // any KL
            .toList());
  }

  /** One question with candidates of one token each; those with reward >= 0.5 are correct. */
  private static Probe.Batch ranked(double[] s, double[] rewards) {
    List<Response> responses = new ArrayList<>();
    List<float[]> policy = new ArrayList<>();
    for (int i = 0; i < s.length; i++) {
      Role role = rewards[i] >= 0.5 ? Role.POSITIVE : Role.NEGATIVE;
      responses.add(new Response(new int[] {3}, role, rewards[i], null, null));
      policy.add(new float[] {(float) s[i]});
    }
    return new Probe.Batch(
        List.of(new Example(new int[] {1}, responses)), List.of(new TokenScores(policy, null)));
  }

  /**
   * Five questions with a reference and up to six candidates; one question has no correct
   * candidate. Scores are far enough apart that a difference quotient does not cross a corner of a
   * maximum.
   */
  static Probe.Batch randomBatch(RandomStream random) {
    return randomBatch(random, Aft.of(Constraint.BOUNDARY, Aft.DEFAULT_BOUNDARY_MARGIN));
  }

  private static Probe.Batch randomBatch(RandomStream random, PreferenceLoss loss) {
    List<Probe.Batch> parts = new ArrayList<>();
    while (parts.size() < 5) {
      Probe.Batch one = randomQuestion(random, parts.size() == 3);
      if (apart(one, loss)) {
        parts.add(one);
      }
    }
    return Probe.join(parts.toArray(Probe.Batch[]::new));
  }

  private static Probe.Batch randomQuestion(RandomStream random, boolean noneRight) {
    int n = 2 + random.nextInt(4);
    Role[] roles = new Role[n + 1];
    roles[0] = Role.REFERENCE;
    for (int i = 1; i <= n; i++) {
      roles[i] = !noneRight && (i == 1 || random.nextInt(2) == 0) ? Role.POSITIVE : Role.NEGATIVE;
    }
    int[] order = random.permutation(n + 1);
    Role[] shuffled = new Role[n + 1];
    Arrays.setAll(shuffled, i -> roles[order[i]]);
    Probe.Batch one = Probe.random(random, true, shuffled);
    List<Response> responses = new ArrayList<>();
    int best = -1;
    for (int i = 0; i < shuffled.length; i++) {
      Response r = one.examples().get(0).responses().get(i);
      double reward = (r.role() == Role.POSITIVE ? 0.5 : 0) + random.nextInt(3) / 5.0;
      double own = r.role() == Role.REFERENCE ? 0 : reward;
      responses.add(new Response(r.ids(), r.role(), own, null, null));
      best = r.role() == Role.REFERENCE ? i : best;
    }
    return new Probe.Batch(List.of(new Example(new int[] {1, 2}, responses, best)), one.scores());
  }

  /** Whether every two scores, and every score and boundary, are more than a step apart. */
  private static boolean apart(Probe.Batch batch, PreferenceLoss loss) {
    double step = 1.0 / 24;
    double a =
        loss instanceof Rrhf rrhf
            ? rrhf.lengthPenalty()
            : loss instanceof Constrained c && c.loss() instanceof Rrhf rrhf
                ? rrhf.lengthPenalty()
                : 1;
    for (Feedback feedback : Feedback.values()) {
      Candidates c = Candidates.of(batch.examples().get(0), batch.scores().get(0), feedback);
      for (int i = 0; i < c.size(); i++) {
        double si = penalised(c.get(i), a);
        boolean near =
            IntStream.range(0, i).anyMatch(j -> Math.abs(si - penalised(c.get(j), a)) < 2 * step);
        boolean dpoPositivesCorner = Math.abs(c.get(i).logRatio()) < step;
        boolean atBoundary = Math.abs(c.boundary(i, loss.boundaryMargin()) - c.s(i)) < step;
        boolean steepOdds = loss instanceof Orpo && c.s(i) > -0.3; // differences would be inexact
        if (near || dpoPositivesCorner || atBoundary || steepOdds) {
          return false;
        }
      }
    }
    return true;
  }

  private static double penalised(ScoredResponse y, double a) {
    return y.logPi() / Math.pow(y.tokens(), a);
  }
}
