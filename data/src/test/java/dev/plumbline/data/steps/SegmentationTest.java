package dev.plumbline.data.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SegmentationTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LINE | ` One.\\nTwo.\\n#### 3` | ` One.\\n/Two.\\n/#### 3`",
        "LINE | `One.\\n\\n \\nTwo.\\n` | `One.\\n\\n \\n/Two.\\n`",
        "LINE | `\\n\\nOne.` | `\\n\\nOne.`",
        "LINE | `\\n` | ``",
        "NUMBERED | `Step 1: a. Step 2: b.\\nStep 10: c.` | `Step 1: a. /Step 2: b.\\n/Step 10: c.`",
        "NUMBERED | `Steps are good.` | `Steps are good.`",
        "SENTENCE | `A is 1.5. So? B!\\nC` | `A is 1.5. /So? /B!\\n/C`",
      })
  void cuts(Segmentation segmentation, String text, String expected) {
    String solution = text.replace("`", "").replace("\\n", "\n");
    String cut =
        segmentation.steps(solution).stream()
            .map(step -> step.of(solution))
            .collect(Collectors.joining("/"));
    assertThat(cut).isEqualTo(expected.replace("`", "").replace("\\n", "\n"));
  }

  @Test
  void blocksOfCodeAndTheirOutputs() {
    String solution =
        " Add them.\n```python\nx = 1\n\nprint(x)\n```\n```output\n1\n```\nSo 1.\n```python\nprint(2)\n```\n```output\n2\n```\n#### 2";
    List<Step> steps = Segmentation.BLOCK.steps(solution);
    assertThat(steps.stream().map(Step::kind))
        .containsExactly(
            Step.Kind.TEXT,
            Step.Kind.CODE,
            Step.Kind.OUTPUT,
            Step.Kind.TEXT,
            Step.Kind.CODE,
            Step.Kind.OUTPUT,
            Step.Kind.TEXT);
    assertThat(steps.get(1).of(solution)).isEqualTo("```python\nx = 1\n\nprint(x)\n```\n");
    assertThat(steps.get(2).of(solution)).isEqualTo("```output\n1\n```\n");
    assertThat(Segmentation.BLOCK.steps("Only ```python in words.")).hasSize(1);
    assertThat(Segmentation.BLOCK.steps("```python\nnever closed\n")).hasSize(1);
  }

  /** For any text, the steps are adjacent and cover it, and none is blank. */
  @ParameterizedTest
  @EnumSource(Segmentation.class)
  void stepsCoverTheSolution(Segmentation segmentation) {
    Random random = new Random(17);
    String[] pieces = {
      "a", " ", "\n", ". ", "Step 2: ", "```python\n", "```output\n", "```\n", "?"
    };
    for (int round = 0; round < 2000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(14); i > 0; i--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      String solution = text.toString();
      int at = 0;
      for (Step step : segmentation.steps(solution)) {
        assertThat(step.from()).as(solution).isEqualTo(at);
        assertThat(step.of(solution)).as(solution).isNotBlank();
        at = step.to();
      }
      assertThat(at == solution.length() || solution.isBlank()).as(solution).isTrue();
    }
  }
}
