package dev.plumbline.alignment.scdpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.data.UserError;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
    assertThat(own.arms().of("scdpo").learningRate()).isEqualTo(1e-3);
  }

  @Test
  void armsOnSolutionsWithCodeNeedPython() {
    ScdpoSettings code = with(null, FULL.arms().withOnly(List.of("code-dpo")));
    assertThatThrownBy(() -> ScdpoExperiment.of(code, null, null, null))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("code-dpo; give python");
  }
}
