package dev.plumbline.alignment.aft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
    boolean margins = !betas.isEmpty();
    AftSettings.Extras swept =
        new AftSettings.Extras(
            margins
                ? List.of(AftSettings.Piece.BINARY, AftSettings.Piece.MARGINS)
                : List.of(AftSettings.Piece.BINARY),
            10,
            List.of(),
            betas.stream().map(b -> Double.valueOf(b.label())).toList(),
            1,
            0,
            0);
    AftSettings settings =
        new AftSettings(
            quick.setup(),
            quick.fineTuning(),
            quick.arms().withOnly(null),
            quick.methods(),
            quick.draws(),
            swept,
            quick.tasks());
    AftInputs inputs = new AftInputs(settings, null);
    Findings findings = new Findings();
    new ArmsPart(inputs)
        .report(new ArmsPart.Result(models, model(20, 7).get(0).learned(), List.of()), findings);
    if (margins) {
      SweepPart.margins(inputs).report(betas, findings);
    }
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
        .containsEntry("AFT-BC's accuracy rises with the number of candidates", Verdict.NOT_RUN);
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
    AftClaims claims = new AftClaims(List.of(Measure.values()), true);
    assertThat(claims.all().stream().filter(Claim::primary).map(Claim::text))
        .containsExactly(
            "AFT-DC solves more than VFT",
            "AFT-BC solves more than VFT",
            "AFT-DC solves more than VFT, by sampled accuracy",
            "AFT-BC solves more than VFT, by sampled accuracy");
  }

  /** Claims about arms and parts that a run leaves out are not run, and the others are decided. */
  @Test
  void aRunOfSomeArmsDecidesTheirClaims() {
    AftSettings quick = AftSettings.quick(OUTPUT);
    ArmTraining some =
        new ArmTraining(List.of("vft", "aft-bc", "rrhf"), List.of(0L), 1, 4, 1e-3, Map.of(), null);
    AftSettings settings = quick.withTraining(quick.fineTuning(), some);
    ArmsPart part = new ArmsPart(new AftInputs(settings, null));
    assertThat(part.outline().arms())
        .containsExactly("start", "vft", "aft-bc", "rrhf", "rrhf-dc", "rrhf-bc");
    assertThat(part.outline().quantities())
        .containsExactly("assessment of vft", "assessment of aft-bc above vft");
    Map<Boolean, List<String>> run =
        part.outline().claims().stream()
            .collect(
                Collectors.partitioningBy(
                    c -> !(c.criterion() instanceof Criterion.LeftOut),
                    Collectors.mapping(Claim::text, Collectors.toList())));
    assertThat(run.get(true))
        .contains("AFT-BC solves more than VFT", "RRHF-DC repairs RRHF")
        .doesNotContain("AFT-BC on ranks (L_RBC) solves more than VFT");
    assertThat(run.get(false))
        .contains(
            "AFT-DC solves more than VFT",
            "AFT-DC raises assessment accuracy over VFT",
            "AFT-BC solves more than RFT",
            "AFT-BC on ranks (L_RBC) solves more than VFT");
    AftSettings ranks =
        settings.withParts(List.of(AftSettings.Piece.RANKS, AftSettings.Piece.PILOT), 10);
    assertThat(new ArmsPart(new AftInputs(ranks, null)).outline().arms())
        .containsExactly(
            "start", "vft", "aft-bc-ranks", "rrhf-ranks", "rrhf-dc-ranks", "rrhf-bc-ranks");
    ArmTraining unknown =
        new ArmTraining(List.of("aft-cb"), List.of(0L), 1, 4, 1e-3, Map.of(), null);
    AftInputs wrong = new AftInputs(quick.withTraining(quick.fineTuning(), unknown), null);
    assertThatThrownBy(() -> new ArmsPart(wrong))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("arms names 'aft-cb', but no arm's id begins with it");
  }
}
