package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel on made-up parts: 40 questions, of which arm a solves 10 and arm b solves 30. */
class ExperimentTest {
  private static final Experiment.Heading HEADING = new Experiment.Heading("test", "Title", "");

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
        HEADING, new Settings(output, 1), output, List.of(), List.of(new Arms(claims, ran)));
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
            Verdict.NOT_REPRODUCED,
            Verdict.REPRODUCED,
            Verdict.REPRODUCED,
            Verdict.NOT_REPRODUCED,
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
              assertThat(found.get(6)).startsWith("B, k = 2 against B, k = 1").contains("3 pairs");
              assertThat(found.get(7)).isEqualTo("Too long.");
            });
    assertThat(output.resolve("result.json")).exists();
    assertThat(Files.readString(output.resolve("report.html"))).contains("Arm B against Arm A");
    assertThat(Files.readString(output.resolve("report.md"))).startsWith("# Title");
  }

  @Test
  void anUnknownArmIsRefusedBeforeTheFirstStep() {
    refused("names 'c', which no part declares; declared are [a, b]", "c", "a");
    refused("names 'c', which no part declares", "b", "c");
    // both arms exist, but nobody compares them this way round
    refused("names 'Pair[first=b, second=a]', which no part declares", "a", "b");
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
            () -> new Experiment(HEADING, new Settings(output, 1), output, List.of(), twice))
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
                        HEADING, new Settings(output, 1), output, List.of(), List.of(forgetful))
                    .run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[y]");
  }

  @Test
  void settingsAreFactsWithoutDirectories() {
    Setup setup = new Setup(output, null, Path.of("/tmp/x/train.jsonl"), Path.of("y"), 100, 50, 20);
    ArmTraining arms = new ArmTraining(List.of(0L, 1L), 2, 16, 3e-4);
    assertThat(SettingsFacts.of(new Nested(setup, arms, 0.1, true)))
        .containsExactly(
            new Study.Fact("Settings", "beta 0.1; ranking yes"),
            new Study.Fact("Settings: setup", "questions 100; test questions 50; max tokens 20"),
            new Study.Fact(
                "Settings: arms", "seeds 0, 1; epochs 2; batch size 16; learning rate 3e-4"));
  }

  /** Nested settings. */
  record Nested(Setup setup, ArmTraining arms, double beta, boolean ranking) {}
}
