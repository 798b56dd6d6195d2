package dev.plumbline.alignment.aft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.report.study.Study.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Verdicts on made-up evaluations of 40 questions. */
class AftClaimsTest {
  private static final int QUESTIONS = 40;
  private static final Path OUTPUT = Path.of("unused");

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

  private static Map<String, Trained> models() {
    Map<String, Trained> models = new LinkedHashMap<>();
    models.put(AftMethods.START, arm("start", model(20, 7)));
    AftSettings.Methods methods = AftSettings.quick(OUTPUT).methods();
    AftMethods.binary(methods, new AftMethods.Rows(OUTPUT, OUTPUT, OUTPUT, true))
        .forEach(arm -> models.put(arm.id(), arm(arm.label(), model(20, 7))));
    return models;
  }

  private static Trained arm(String label, List<Evaluation> evaluations) {
    return new Trained(label, "", List.of(), List.of(), evaluations);
  }

  /** The claims that the experiment declares, decided by made-up measurements. */
  private static Map<String, Verdict> verdicts(
      Map<String, Trained> models, List<SweepPart.Measured> betas) throws IOException {
    AftSettings quick = AftSettings.quick(OUTPUT);
    AftSettings.Extras swept =
        new AftSettings.Extras(
            10, List.of(), betas.stream().map(b -> Double.valueOf(b.label())).toList(), 1, 0, 0);
    AftSettings settings =
        new AftSettings(
            quick.setup(),
            quick.fineTuning(),
            quick.arms(),
            quick.methods(),
            quick.draws(),
            swept,
            quick.tasks());
    AftInputs inputs = new AftInputs(settings, null);
    Findings findings = new Findings();
    new ArmsPart(inputs).report(new ArmsPart.Result(models, List.of()), findings);
    SweepPart.margins(inputs).report(betas, findings);
    Map<String, Verdict> verdicts = new LinkedHashMap<>();
    AftExperiment.of(settings, new Invocation("", "", ""), null)
        .study(findings)
        .claims()
        .forEach(claim -> verdicts.put(claim.claim(), claim.verdict()));
    return verdicts;
  }

  private static SweepPart.Measured beta(double beta, int solved) {
    return new SweepPart.Measured(Double.toString(beta), Map.of("AFT-BC", model(solved, 7)));
  }

  @Test
  void equalModelsDecideNothingButThatVftMisjudges() throws IOException {
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
  void differencesGoEitherWay() throws IOException {
    Map<String, Trained> models = models();
    models.put("aft-bc", arm("AFT-BC", model(36, 9)));
    models.put("aft-dc", arm("AFT-DC", model(4, 5)));
    models.put("rrhf", arm("RRHF", model(2, 9)));
    models.put("dpo", arm("DPO", model(39, 9)));
    assertThat(verdicts(models, List.of()))
        .containsEntry("AFT-BC solves more than VFT", Verdict.REPRODUCED)
        .containsEntry("AFT-DC solves more than VFT", Verdict.CONTRADICTED)
        .containsEntry("AFT-BC raises assessment accuracy over VFT", Verdict.REPRODUCED)
        .containsEntry("AFT-DC raises assessment accuracy over VFT", Verdict.CONTRADICTED)
        .containsEntry("RRHF without a constraint falls below VFT", Verdict.REPRODUCED)
        .containsEntry("DPO without a constraint falls below VFT", Verdict.CONTRADICTED)
        .containsEntry("RRHF-BC repairs RRHF", Verdict.REPRODUCED)
        .containsEntry("PRO-BC repairs PRO", Verdict.UNDECIDED)
        .containsEntry("Accuracy rises with the number of candidates", Verdict.NOT_RUN);
  }

  /**
   * 20 against 30 of 40 questions have p = 0.0009. The study tests some thirty other differences:
   * decided for two values of beta, not for the best of 4.
   */
  @Test
  void theBestOfSeveralBetasIsCorrectedForTheChoice() throws IOException {
    String claim = "The margin beta matters: the best differs from the worst";
    assertThat(verdicts(models(), List.of(beta(0, 20), beta(1, 30))))
        .containsEntry(claim, Verdict.REPRODUCED);
    assertThat(verdicts(models(), List.of(beta(0, 20), beta(0.1, 21), beta(0.5, 22), beta(1, 30))))
        .containsEntry(claim, Verdict.UNDECIDED);
  }

  /** 20 against 26 of 40 have p = 0.0119, too much among thirty tests, enough for a primary one. */
  @Test
  void thePrimaryClaimsAreTestedInTheirOrder() throws IOException {
    Map<String, Trained> models = models();
    models.put("aft-bc", arm("AFT-BC", model(26, 7)));
    models.put("rrhf-bc", arm("RRHF-BC", model(26, 7)));
    assertThat(verdicts(models, List.of()))
        .containsEntry("AFT-DC solves more than VFT", Verdict.UNDECIDED)
        .containsEntry("AFT-BC solves more than VFT", Verdict.UNDECIDED); // AFT-DC came first
    models.put("aft-dc", arm("AFT-DC", model(26, 7)));
    assertThat(verdicts(models, List.of()))
        .containsEntry("AFT-DC solves more than VFT", Verdict.REPRODUCED)
        .containsEntry("AFT-BC solves more than VFT", Verdict.REPRODUCED)
        .containsEntry("AFT-BC solves more than RFT", Verdict.UNDECIDED)
        .containsEntry("RRHF-BC repairs RRHF", Verdict.UNDECIDED);
    AftClaims claims = new AftClaims(List.of(Measure.values()), true, true);
    assertThat(claims.all().stream().filter(Claim::primary).map(Claim::text))
        .containsExactly(
            "AFT-DC solves more than VFT",
            "AFT-BC solves more than VFT",
            "AFT-DC solves more than VFT, by sampled accuracy",
            "AFT-BC solves more than VFT, by sampled accuracy");
  }
}
