package dev.plumbline.transformer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.transformer.model.ModelException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shapes known by name have as many parameters as the published files. */
class PublishedShapesTest {
  private static final String PUBLISHED =
      """
      smollm-135m, 134515008
      tinyllama-1.1b, 1100048384
      llama-3.2-1b, 1235814400
      llama-3.2-3b, 3212749824
      llama-7b, 6738415616
      llama-13b, 13015864320
      llama-2-7b, 6738415616
      llama-2-13b, 13015864320
      llama-3-8b, 8030261248
      llama-3.1-8b, 8030261248
      llama-3-70b, 70553706496
      deepseek-math-7b, 6910365696
      mistral-7b, 7241732096
      qwen2.5-7b, 7615616512
      internlm2-20b, 19861149696""";

  @ParameterizedTest
  @CsvSource(textBlock = PUBLISHED)
  void hasAsManyParametersAsPublished(String name, long parameters) {
    assertThat(PublishedShapes.of(name).parameterCount()).isEqualTo(parameters);
  }

  @Test
  void everyOneIsChecked() {
    Set<String> checked = new LinkedHashSet<>();
    PUBLISHED.lines().forEach(line -> checked.add(line.substring(0, line.indexOf(','))));
    assertThat(List.copyOf(checked)).isEqualTo(PublishedShapes.names());
  }

  @Test
  void whatIsUnknownIsToldWhatIsKnown() {
    assertThatThrownBy(() -> PublishedShapes.of("llama-9"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("llama-9")
        .hasMessageContaining("mistral-7b");
  }
}
