package dev.plumbline.alignment.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Where the reference cache lies. */
class ReferenceCacheOptionTest {
  @Test
  void theDefaultFollowsTheUsersCaches() {
    Path home = Path.of("/home/user/.cache/plumbline/reference");
    assertThat(directory(null, null)).isEqualTo(home);
    assertThat(directory(null, "")).isEqualTo(home);
    assertThat(directory(null, "relative")).isEqualTo(home);
    assertThat(directory(null, "/caches")).isEqualTo(Path.of("/caches/plumbline/reference"));
  }

  @Test
  void aFolderOrOff() {
    assertThat(directory("some/folder", "/caches")).isEqualTo(Path.of("some/folder"));
    assertThat(directory("off", "/caches")).isNull();
    assertThat(directory("false", "/caches")).as("off in a YAML file").isNull();
    assertThatThrownBy(() -> directory("", "/caches"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("reference-cache is empty");
  }

  private static Path directory(String value, String cacheHome) {
    return ReferenceCacheOption.directory(value, cacheHome, "/home/user");
  }
}
