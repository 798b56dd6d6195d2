package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.ProblemSplit.HeldOut;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Wilson;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.random.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel on made-up parts: 40 questions, of which arm a solves 10 and arm b solves 30. */
class ExperimentTest {
  private static final Experiment.Heading HEADING = new Experiment.Heading("Title", "");
  private static final Invocation INVOCATION = new Invocation("test", "", "size: 1\n");

  @TempDir Path output;

  /** Settings of the test. */
  record Settings(Path output, int size) {}

  private static List<Evaluation> solves(int n) {
    List<Evaluation.Answer> answers =
        IntStream.range(0, 40).mapToObj(q -> new Evaluation.Answer("", q < n, false)).toList();
    return List.of(new Evaluation(answers, 1, Assessment.NONE, Assessment.NONE));
  }

  /** A part that evaluates two arms, a share and a sweep; {@code ran} counts its runs. */
  private record Arms(List<Claim> claims, List<String> ran) implements Part<Integer> {
    @Override
    public Outline outline() {
      return new Outline(
          List.of("a", "b"),
          List.of(new Pair("a", "b")),
          List.of("share"),
          List.of("sweep"),
          claims);
    }

    @Override
    public Integer run() {
      ran.add("arms");
      return 30;
    }

    @Override
    public void report(Integer measured, Findings findings) {
      findings.arm("a", "Arm A", solves(10));
      findings.arm("b", "Arm B", solves(measured));
      findings.quantity("share", new Interval(0.95, 0.92, 0.98), "It is 95 %.");
      findings.sweep(
          "sweep",
          "B, k = ",
          List.of(
              new Evidence.Swept("1", solves(10)),
              new Evidence.Swept("2", solves(40)),
              new Evidence.Swept("4", solves(20))));
    }
  }

  private final List<String> ran = new ArrayList<>();

  private Experiment experiment(Criterion... criteria) {
    List<Claim> claims = new ArrayList<>();
    for (Criterion criterion : criteria) {
      claims.add(new Claim(criterion.toString(), "section 1", "", criterion));
    }
    return new Experiment(
        HEADING,
        INVOCATION,
        new Settings(output, 1),
        output,
        List.of(),
        List.of(new Arms(claims, ran)));
  }

  @Test
  void claimsAreDecidedByTheirCriteria() throws IOException {
    Study study =
        experiment(
                new Criterion.SolvesMore("b", "a"),
                new Criterion.SolvesFewer("b", "a"),
                new Criterion.AboveZero("share"),
                new Criterion.ShareAtLeast("share", 0.9),
                new Criterion.ShareBelow("share", 0.9),
                new Criterion.RisesWith("sweep"),
                new Criterion.BestAboveWorst("sweep"),
                new Criterion.LeftOut("Too long."))
            .run();
    assertThat(study.claims())
        .extracting(Study.Claim::verdict)
        .containsExactly(
            Verdict.REPRODUCED,
            Verdict.CONTRADICTED,
            Verdict.REPRODUCED,
            Verdict.REPRODUCED,
            Verdict.CONTRADICTED,
            Verdict.REPRODUCED,
            Verdict.REPRODUCED,
            Verdict.NOT_RUN);
    assertThat(study.claims())
        .extracting(Study.Claim::found)
        .satisfies(
            found -> {
              assertThat(found.get(0)).startsWith("Arm B against Arm A: +50.0 points");
              assertThat(found.get(2)).isEqualTo("It is 95 %.");
              assertThat(found.get(5)).startsWith("B, k = 4 against B, k = 1: +25.0 points");
              assertThat(found.get(6))
                  .startsWith("B, k = 2 against B, k = 1")
                  .contains("of 3 pairs");
              assertThat(found.get(7)).isEqualTo("Too long.");
            });
    assertThat(output.resolve("result.json")).exists();
    assertThat(Files.readString(output.resolve("report.html"))).contains("Arm B against Arm A");
    assertThat(Files.readString(output.resolve("report.md"))).startsWith("# Title");
  }

  /** Random arms of four seeds each, with and without samples, and any order of primary claims. */
  @Test
  void aRowAndItsClaimsNeverDisagree() {
    EnumSet<Study.Outcome> seen = EnumSet.noneOf(Study.Outcome.class);
    for (int trial = 0; trial < 60; trial++) {
      RandomStream stream = RandomStream.of(trial, "rows and claims");
      Findings findings = new Findings();
      List<String> arms = List.of("a", "b", "c", "d");
      double spread = trial % 2 == 0 ? 0.1 : 0.001;
      for (String arm : arms) {
        findings.arm(arm, arm, random(0.5 + spread * stream.nextGaussian(), spread, stream));
      }
      List<Pair> pairs = new ArrayList<>();
      List<Claim> claims = new ArrayList<>();
      for (String arm : arms.subList(1, 4)) {
        for (Measure measure : Measure.values()) {
          pairs.add(new Pair("a", arm, measure));
          Claim more = new Claim("", "", new Criterion.SolvesMore(arm, "a", measure));
          Claim fewer = new Claim("", "", new Criterion.SolvesFewer(arm, "a", measure));
          claims.add(stream.nextInt(2) == 0 ? more.first() : more);
          claims.add(stream.nextInt(2) == 0 ? fewer.first() : fewer);
        }
      }
      Part<Integer> part = declares(arms, pairs, claims);
      Study study =
          new Experiment(
                  HEADING, INVOCATION, new Settings(output, 1), output, List.of(), List.of(part))
              .study(findings);
      for (int i = 0; i < pairs.size(); i++) {
        Study.Comparison row = study.comparisons().get(i);
        Study.Outcome outcome = row.tested().outcome();
        seen.add(outcome);
        Study.Claim more = study.claims().get(2 * i);
        Study.Claim fewer = study.claims().get(2 * i + 1);
        assertThat(row.measure()).isEqualTo(pairs.get(i).measure().label());
        assertThat(more.verdict() == Verdict.REPRODUCED).isEqualTo(outcome == Study.Outcome.MORE);
        assertThat(fewer.verdict() == Verdict.REPRODUCED).isEqualTo(outcome == Study.Outcome.LESS);
        assertThat(more.verdict() == Verdict.CONTRADICTED).isEqualTo(outcome == Study.Outcome.LESS);
        assertThat(more.verdict() == Verdict.SMALLER).isEqualTo(outcome == Study.Outcome.SMALLER);
        assertThat(more.found()).isEqualTo(fewer.found()).contains(row.measure());
        assertThat(row.tested().primary()).isEqualTo(more.primary() || fewer.primary());
      }
    }
    assertThat(seen).contains(Study.Outcome.MORE, Study.Outcome.LESS, Study.Outcome.UNDECIDED);
    assertThat(seen).contains(Study.Outcome.SMALLER);
  }

  /** Four seeds that solve about this share of 500 questions, most of them the same ones. */
  private static List<Evaluation> random(double share, double spread, RandomStream stream) {
    List<Evaluation> seeds = new ArrayList<>();
    for (int s = 0; s < 4; s++) {
      double own = share + spread / 4 * stream.nextGaussian();
      List<Evaluation.Answer> answers = new ArrayList<>();
      double[] sampled = new double[500];
      for (int q = 0; q < 500; q++) {
        answers.add(new Evaluation.Answer("", (q + 0.5) / 500 < own, false));
        sampled[q] = (q + 0.5) / 500 < own ? 0.75 : 0.25;
      }
      seeds.add(new Evaluation(answers, sampled, 1, Assessment.NONE, Assessment.NONE));
    }
    return seeds;
  }

  private static Part<Integer> declares(List<String> arms, List<Pair> pairs, List<Claim> claims) {
    return new Part<>() {
      @Override
      public Outline outline() {
        return Outline.of(arms, pairs, List.of(), claims);
      }

      @Override
      public Integer run() {
        return 0;
      }

      @Override
      public void report(Integer measured, Findings findings) {}
    };
  }

  /** Without samples there is nothing to compare, which is no verdict on the claim. */
  @Test
  void sampledAccuracyThatWasNotDrawnIsNotTested() {
    Findings findings = new Findings();
    findings.arm("a", "A", solves(10));
    findings.arm("b", "B", solves(30));
    Pair pair = new Pair("a", "b", Measure.SAMPLED);
    Claim claim = new Claim("", "", new Criterion.SolvesMore("b", "a", Measure.SAMPLED)).first();
    Part<Integer> part = declares(List.of("a", "b"), List.of(pair), List.of(claim));
    Study study =
        new Experiment(
                HEADING, INVOCATION, new Settings(output, 1), output, List.of(), List.of(part))
            .study(findings);
    assertThat(study.claims().get(0).verdict()).isEqualTo(Verdict.NOT_RUN);
    assertThat(study.claims().get(0).found())
        .isEqualTo("B against A: no sampled accuracy to compare.");
    assertThat(study.comparisons().get(0).tested().outcome()).isEqualTo(Study.Outcome.UNKNOWN);
  }

  /** None of 40 may still be 8.8 %, and the t interval of few ends at 0. */
  @Test
  void anAccuracyStaysAShareAndIsNeverCertain() {
    assertThat(StudyStatistics.accuracy(solves(0))).isEqualTo(Wilson.interval(0, 40, 0.95));
    assertThat(StudyStatistics.accuracy(solves(40))).isEqualTo(Wilson.interval(40, 40, 0.95));
    assertThat(StudyStatistics.accuracy(solves(1)).low()).isZero();
    assertThat(StudyStatistics.accuracy(solves(39)).high()).isOne();
    assertThat(StudyStatistics.accuracy(solves(1)).high())
        .isBetween(0.07, 0.08); // 0.025 + 2.02 / 40
    assertThat(StudyStatistics.accuracy(solves(1), Measure.SAMPLED).estimate()).isNaN();
  }

  /** Quantities and sweeps are in Holm's family: their p is corrected for the comparisons. */
  @Test
  void everyTestOfTheStudyIsInOneFamily() {
    double[] difference = new double[40];
    Arrays.fill(difference, 0, 8, 1); // p = 0.0031 by t of 3.16
    double p = Clustered.of(difference).p();
    assertThat(p).isBetween(0.002, 0.004);
    Findings findings = new Findings();
    for (String arm : List.of("a", "b", "c")) {
      findings.arm(arm, arm, solves(20));
    }
    findings.quantity("share", Clustered.of(difference), "It differs.");
    findings.sweep(
        "sweep",
        "k = ",
        List.of(new Evidence.Swept("1", solves(20)), new Evidence.Swept("2", solves(20))));
    List<Pair> pairs = List.of(new Pair("a", "b"), new Pair("a", "c"));
    List<Claim> claims =
        List.of(
            new Claim("", "", new Criterion.AboveZero("share")),
            new Claim("", "", new Criterion.RisesWith("sweep")));
    Part<Integer> part =
        new Part<>() {
          @Override
          public Outline outline() {
            return new Outline(
                List.of("a", "b", "c"), pairs, List.of("share"), List.of("sweep"), claims);
          }

          @Override
          public Integer run() {
            return 0;
          }

          @Override
          public void report(Integer measured, Findings reported) {}
        };
    Study study =
        new Experiment(
                HEADING, INVOCATION, new Settings(output, 1), output, List.of(), List.of(part))
            .study(findings);
    assertThat(study.claims().get(0).verdict()).isEqualTo(Verdict.REPRODUCED);
    // two comparisons, the sweep and itself
    assertThat(study.claims().get(0).found())
        .isEqualTo("It differs. Corrected: p " + Numbers.p(4 * p) + " (Holm).");
    assertThat(study.claims().get(1).found()).startsWith("k = 2 against k = 1: +0.0 points");
  }

  @Test
  void anUnknownArmIsRefusedBeforeTheFirstStep() {
    refused("names 'c', which no part declares; declared are [a, b]", "c", "a");
    refused("names 'c', which no part declares", "b", "c");
    // both arms exist, but nobody compares them this way round
    refused("names 'Pair[first=b, second=a, measure=GREEDY]', which no part declares", "a", "b");
  }

  private void refused(String message, String arm, String than) {
    assertThatThrownBy(() -> experiment(new Criterion.SolvesMore(arm, than)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("The claim 'SolvesMore[arm=" + arm)
        .hasMessageContaining(message);
    assertThat(ran).isEmpty();
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void anUnknownQuantityIsRefusedBeforeTheFirstStep() {
    assertThatThrownBy(() -> experiment(new Criterion.AboveZero("shares")))
        .hasMessageContaining("names 'shares', which no part declares; declared are [share]");
    assertThatThrownBy(() -> experiment(new Criterion.AboveZero("sweep")))
        .hasMessageContaining("names 'sweep', which no part declares");
    assertThatThrownBy(() -> experiment(new Criterion.RisesWith("share")))
        .hasMessageContaining("names 'share', which no part declares; declared are [sweep]");
    assertThat(ran).isEmpty();
  }

  @Test
  void anArmIsDeclaredOnce() {
    List<Part<?>> twice = List.of(new Arms(List.of(), ran), new Arms(List.of(), ran));
    assertThatThrownBy(
            () ->
                new Experiment(
                    HEADING, INVOCATION, new Settings(output, 1), output, List.of(), twice))
        .hasMessageContaining("The arm 'a' is declared twice");
  }

  @Test
  void aPartMustReportWhatItDeclares() {
    Part<Integer> forgetful =
        new Part<>() {
          @Override
          public Outline outline() {
            return Outline.of(List.of("x", "y"), List.of());
          }

          @Override
          public Integer run() {
            return 0;
          }

          @Override
          public void report(Integer measured, Findings findings) {
            findings.quantity("x", new Interval(0, 0, 0), "");
          }
        };
    assertThatThrownBy(
            () ->
                new Experiment(
                        HEADING,
                        INVOCATION,
                        new Settings(output, 1),
                        output,
                        List.of(),
                        List.of(forgetful))
                    .run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[y]");
  }

  @Test
  void settingsAreFactsWithoutDirectories() {
    Setup.Sizes sizes = new Setup.Sizes(100, 50, 2, 20);
    Setup setup =
        new Setup(output, null, Path.of("/tmp/x/train.jsonl"), Path.of("y"), HeldOut.TEST, sizes);
    ArmTraining arms =
        new ArmTraining(List.of(0L, 1L), 2, 16, 3e-4)
            .withLearningRates(Map.of("rft", 1e-3, "dpo", 2e-5));
    assertThat(SettingsFacts.of(new Nested(setup, arms, 0.1, true)))
        .containsExactly(
            new Study.Fact("Settings", "beta 0.1; ranking yes"),
            new Study.Fact(
                "Settings: setup",
                "held out test; sizes (questions 100; test questions 50; samples 2; max tokens 20)"),
            new Study.Fact(
                "Settings: arms",
                "seeds 0, 1; epochs 2; batch size 16; learning rate 3e-4; learning rates dpo 2e-5, rft 0.001"));
  }

  /** Nested settings. */
  record Nested(Setup setup, ArmTraining arms, double beta, boolean ranking) {}

  @Test
  void anArmHasTheRateOfTheLongestBeginning() {
    ArmTraining arms =
        new ArmTraining(List.of(0L), 2, 16, 3e-4)
            .withLearningRates(Map.of("rft", 1e-3, "rft-1", 2e-3));
    assertThat(arms.of("rft")).isEqualTo(new ArmTraining(List.of(0L), 2, 16, 1e-3));
    assertThat(arms.of("rft-1").learningRate()).isEqualTo(2e-3);
    assertThat(arms.of("aft-bc").learningRate()).isEqualTo(3e-4);
    arms.check(List.of("vft", "rft-1"));
    assertThatThrownBy(() -> arms.check(List.of("vft", "rft")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'rft-1'")
        .hasMessageContaining("vft, rft");
  }
}
