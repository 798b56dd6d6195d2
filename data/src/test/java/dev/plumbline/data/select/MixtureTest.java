package dev.plumbline.data.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import java.util.List;
import org.junit.jupiter.api.Test;

class MixtureTest {
  private static Problem words(String question) {
    return new Problem(question, question, "#### 1", "1");
  }

  private static final Problem CHOICE =
      new Problem("c", Task.ECQA, "Where?", List.of("sea", "sky"), "The answer is A", "A");

  @Test
  void theLimitCountsProblemsThatAreNotHeldOut() {
    Mixture mixture = new Mixture(List.of(words("one"), words("Four!")));
    List<Problem> set =
        List.of(words("one"), words("two"), words("three"), words("four"), words("five"));
    assertThat(mixture.add(set, 2)).isEqualTo(new Mixture.Counts(2, 2, 0, 1));
    assertThat(mixture.add(List.of(CHOICE), 0)).isEqualTo(new Mixture.Counts(1, 0, 0, 0));
    assertThat(mixture.add(List.of(), 3)).isEqualTo(new Mixture.Counts(0, 0, 0, 0));
    assertThat(mixture.rows(n -> new int[] {2, 0, 1}))
        .containsExactly(
            new Completion(
                TokenText.ofText("Question: Where?\nA) sea\nB) sky\nAnswer:"),
                TokenText.ofText(" The answer is A")),
            new Completion(TokenText.ofText("Question: two\nAnswer:"), TokenText.ofText(" #### 1")),
            new Completion(
                TokenText.ofText("Question: three\nAnswer:"), TokenText.ofText(" #### 1")));
  }

  @Test
  void aNegativeLimitIsRefused() {
    assertThatThrownBy(() -> new Mixture(List.of()).add(List.of(), -1))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("-1");
  }
}
