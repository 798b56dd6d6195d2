package dev.plumbline.alignment.scdpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.data.UserError;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which arms of which format a run trains, how, and what it then claims. */
class ScdpoSettingsTest {
  private static final ScdpoSettings FULL = ScdpoSettings.full(Path.of("run"));

  private static ScdpoSettings with(Python.Kind python, ArmTraining arms) {
    ScdpoSettings.Code code = FULL.code();
    return FULL.withCode(new ScdpoSettings.Code(python, code.questions(), code.learningRate()))
        .withTraining(FULL.fineTuning(), arms, FULL.beta());
  }

  private static List<String> trained(ArmTraining arms) {
    return PairsPart.ARMS.stream().filter(arms::trains).toList();
  }

  @Test
  void eachFormatTrainsItsOwnArms() {
    assertThat(trained(FULL.arms())).containsExactlyElementsOf(PairsPart.ARMS);
    assertThat(trained(FULL.codeArms())).containsExactlyElementsOf(PairsPart.ARMS);
    ScdpoSettings some =
        with(Python.Kind.PYTHON3, FULL.arms().withOnly(List.of("dpo", "code-data", "code-scdpo")));
    assertThat(trained(some.arms())).containsExactly("dpo");
    assertThat(trained(some.codeArms())).containsExactly("data-equal", "scdpo");
    ScdpoSettings code = with(Python.Kind.PYTHON3, FULL.arms().withOnly(List.of("code")));
    assertThat(trained(code.arms())).isEmpty();
    assertThat(trained(code.codeArms())).containsExactlyElementsOf(PairsPart.ARMS);
  }

  @Test
  void theCodeFormatHasItsOwnRates() {
    ScdpoSettings own =
        with(
            Python.Kind.PYTHON3,
            FULL.arms().withLearningRates(Map.of("scdpo", 1e-3, "code-scdpo", 1e-4)));
    assertThat(own.codeArms().of("scdpo").learningRate()).isEqualTo(1e-4);
    assertThat(own.codeArms().of("dpo").learningRate()).isEqualTo(FULL.code().learningRate());
    ScdpoSettings all =
        with(
            Python.Kind.PYTHON3,
            FULL.arms().withLearningRates(Map.of("code", 1e-4, "code-dpo", 1e-5, "dpo", 1e-6)));
    assertThat(all.codeArms().of("scdpo").learningRate()).isEqualTo(1e-4);
    assertThat(all.codeArms().of("dpo").learningRate()).isEqualTo(1e-5);
    assertThat(own.arms().of("scdpo").learningRate()).isEqualTo(1e-3);
  }

  @Test
  void armsOnSolutionsWithCodeNeedPython() {
    ScdpoSettings code = with(null, FULL.arms().withOnly(List.of("code-dpo")));
    assertThatThrownBy(() -> ScdpoExperiment.of(code, null, null, null))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("code-dpo; give python");
  }

  /** What a format without arms would claim is reported as not run, the pilot's claim, too. */
  @Test
  void claimsOfAFormatWithoutArmsAreNotRun() {
    ScdpoSettings code = with(Python.Kind.PYTHON3, FULL.arms().withOnly(List.of("code-scdpo")));
    List<String> left =
        ScdpoExperiment.parts(code, formats(code)).stream()
            .flatMap(part -> part.outline().claims().stream())
            .filter(claim -> claim.criterion() instanceof Criterion.LeftOut)
            .map(Claim::text)
            .toList();
    assertThat(left)
        .contains(
            "SCDPO solves more than DPO, chain of thought",
            "A temperature of 1.4 solves fewer questions than one of 1, chain of thought",
            "SCDPO's token rewards find the erroneous step better than DPO's, chain of thought")
        .doesNotContain(
            "A temperature of 1.4 solves fewer questions than one of 1, code-integrated");
  }

  private static List<Format> formats(ScdpoSettings settings) {
    Workspace run = new Workspace(Path.of("run"), FULL.fineTuning(), settings.arms(), null);
    ProblemSplit problems = ProblemSplit.generated(1, 1, 1, 0);
    return List.of(
        Format.chain(settings, run, problems), Format.code(settings, run, problems, null));
  }
}
