package dev.plumbline.alignment.aft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Verdicts on made-up evaluations of 40 questions. */
class AftClaimsTest {
  private static final int QUESTIONS = 40;

  /** The first {@code solved} questions are right, and {@code won} of 10 pairs of each ordered. */
  private static List<Evaluation> model(int solved, int won) {
    int[] pairs = IntStream.range(0, QUESTIONS).map(q -> 10).toArray();
    int[] ordered = IntStream.range(0, QUESTIONS).map(q -> won).toArray();
    Assessment assessment = new Assessment(ordered, pairs, new double[0], new double[0]);
    List<Evaluation.Answer> answers =
        IntStream.range(0, QUESTIONS)
            .mapToObj(q -> new Evaluation.Answer("", q < solved, false))
            .toList();
    return List.of(new Evaluation(answers, 1, assessment, assessment));
  }

  private static Map<String, List<Evaluation>> models() {
    Map<String, List<Evaluation>> models = new LinkedHashMap<>();
    AftArm.binary(0.15, 0.1).forEach(arm -> models.put(arm.name(), model(20, 7)));
    return models;
  }

  private static Map<String, Verdict> verdicts(
      Map<String, List<Evaluation>> models, List<AftRun.Swept> betas) {
    List<Study.Comparison> comparisons = new ArrayList<>();
    models.forEach(
        (first, a) ->
            models.forEach(
                (second, b) -> comparisons.add(StudyStatistics.compare(first, a, second, b))));
    Map<String, Verdict> verdicts = new LinkedHashMap<>();
    AftRun.Measurements measured =
        new AftRun.Measurements(null, List.of(), List.of(), betas, Map.of(), null, List.of());
    new AftClaims(models, comparisons, measured, false)
        .all()
        .forEach(claim -> verdicts.put(claim.claim(), claim.verdict()));
    return verdicts;
  }

  private static AftRun.Swept beta(double beta, int solved) {
    return new AftRun.Swept(Double.toString(beta), Map.of("AFT-BC", model(solved, 7)));
  }

  @Test
  void equalModelsDecideNothingButThatVftMisjudges() {
    verdicts(models(), List.of())
        .forEach(
            (claim, verdict) ->
                assertThat(verdict)
                    .as(claim)
                    .isIn(
                        claim.startsWith("VFT models misjudge")
                            ? List.of(Verdict.REPRODUCED)
                            : List.of(Verdict.UNDECIDED, Verdict.NOT_RUN)));
  }

  @Test
  void differencesGoEitherWay() {
    Map<String, List<Evaluation>> models = models();
    models.put("AFT-BC", model(36, 9));
    models.put("AFT-DC", model(4, 5));
    models.put("RRHF", model(2, 9));
    models.put("DPO", model(39, 9));
    assertThat(verdicts(models, List.of()))
        .containsEntry("AFT-BC solves more than VFT", Verdict.REPRODUCED)
        .containsEntry("AFT-DC solves more than VFT", Verdict.NOT_REPRODUCED)
        .containsEntry("AFT-BC raises assessment accuracy over VFT", Verdict.REPRODUCED)
        .containsEntry("AFT-DC raises assessment accuracy over VFT", Verdict.NOT_REPRODUCED)
        .containsEntry("RRHF without a constraint falls below VFT", Verdict.REPRODUCED)
        .containsEntry("DPO without a constraint falls below VFT", Verdict.NOT_REPRODUCED)
        .containsEntry("RRHF-BC repairs RRHF", Verdict.REPRODUCED)
        .containsEntry("PRO-BC repairs PRO", Verdict.UNDECIDED)
        .containsEntry("Accuracy rises with the number of candidates", Verdict.NOT_RUN);
  }

  /**
   * 0 against 7 questions has p = 0.0156: decided for two values of beta, not for the best of 4.
   */
  @Test
  void theBestOfSeveralBetasIsCorrectedForTheChoice() {
    String claim = "The margin beta matters: the best differs from the worst";
    assertThat(verdicts(models(), List.of(beta(0, 20), beta(1, 27))))
        .containsEntry(claim, Verdict.REPRODUCED);
    assertThat(verdicts(models(), List.of(beta(0, 20), beta(0.1, 21), beta(0.5, 22), beta(1, 27))))
        .containsEntry(claim, Verdict.UNDECIDED);
  }
}
