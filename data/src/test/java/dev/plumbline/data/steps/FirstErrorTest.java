package dev.plumbline.data.steps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.WordProblems;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirstErrorTest {
  private static final String GOLD =
      "A <<2*9=18>>18.\nB <<18+33=51>>51.\nC <<51*2=102>>102.\n#### 102";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A <<9*2=18>>18.\\nB <<33+18=51>>51.\\nC <<2*51=102>>102.\\n#### 102 | -1",
        "A <<9*2=18>>18.\\nB <<33+18=52>>52.\\nC <<2*52=104>>104.\\n#### 104 | 1",
        "A <<9*3=27>>27.\\nB <<33+18=51>>51.\\n#### 51 | 0",
        "A <<2*9=18>>18.\\nB <<18+33=51>>51.\\n#### 51 | 2",
        "A <<2*9=18>>18.\\nB <<18+33=51>>51.\\nC <<51*2=102>>102.\\n#### 103 | 3",
        "A <<2*9=18>>18.\\nB <<18+33=51>>51.\\nC <<51*2=102>>102.\\nD <<102-1=101>>101.\\n#### 101 | 3",
        "Hm.\\nA <<2*9=18>>18.\\nB <<18-33=51>>51. | 2",
      })
  void firstStepWithOtherEquations(String solution, int expected) {
    String text = solution.replace("\\n", "\n");
    OptionalInt found = FirstError.step(GOLD, text, Segmentation.LINE.steps(text));
    assertThat(found.orElse(-1)).isEqualTo(expected);
  }

  /** One equation of a generated solution is changed: its step is found. */
  @Test
  void findsTheChangedStepOfGeneratedSolutions() {
    Random random = new Random(5);
    for (Problem p : WordProblems.of(8).train(500)) {
      List<Step> steps = Segmentation.LINE.steps(p.solution());
      assertThat(FirstError.step(p.solution(), p.solution(), steps)).isEmpty();
      int spoilt = random.nextInt(steps.size() - 1);
      String step = steps.get(spoilt).of(p.solution());
      String wrong = p.solution().replace(step, step.replaceFirst("=(\\d+)>>\\d+", "=9$1>>9$1"));
      assertThat(FirstError.step(p.solution(), wrong, Segmentation.LINE.steps(wrong)))
          .hasValue(spoilt);
    }
  }
}
