package dev.plumbline.alignment.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.data.UserError;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFilesTest {
  @TempDir Path work;

  @Test
  void otherArmsAreTheSameRunAndOtherSeedsAreNot() {
    ArmTraining arms = new ArmTraining(List.of(0L, 1L), 2, 16, 1e-3);
    RunFiles.claim(work, "reproduce aft", arms.withOnly(List.of("vft")));
    RunFiles.claim(work, "reproduce aft", arms);
    assertThatThrownBy(() -> RunFiles.claim(work, "reproduce aft", arms.withSeeds(1)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("with other settings");
    assertThatThrownBy(() -> RunFiles.claim(work, "demo", arms)).isInstanceOf(UserError.class);
  }

  /** An option of a command that happens to have the name of a free one still counts. */
  @Test
  void onlyTheArmsOfAnExperimentAreFree() {
    record Options(List<String> only, List<String> parts) {}

    RunFiles.claim(work, "command", new Options(List.of("a"), List.of()));
    assertThatThrownBy(() -> RunFiles.claim(work, "command", new Options(List.of("b"), List.of())))
        .isInstanceOf(UserError.class);
    assertThat(work.resolve("run.json")).exists();
  }
}
