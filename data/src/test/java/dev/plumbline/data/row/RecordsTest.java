package dev.plumbline.data.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.problem.Prompts;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordsTest {
  @Test
  void tokenTextsAreEqualByContent() {
    assertThat(TokenText.ofIds(1, 2))
        .isEqualTo(TokenText.ofIds(1, 2))
        .hasSameHashCodeAs(TokenText.ofIds(1, 2));
    assertThat(TokenText.ofIds(1, 2))
        .isNotEqualTo(TokenText.ofIds(1, 3))
        .isNotEqualTo(TokenText.ofText("1"));
    assertThat(TokenText.ofIds().hasIds()).isTrue();
    assertThat(TokenText.ofText("a").hasIds()).isFalse();
    assertThat(TokenText.ofIds(1, 2)).hasToString("TokenText[text=null, ids=[1, 2]]");
    assertThatThrownBy(() -> new TokenText(null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pairsAreEqualByContent() {
    TokenText a = TokenText.ofIds(1);
    PreferencePair one = new PreferencePair(a, a, a, new float[] {0.5f}, null);
    PreferencePair two = new PreferencePair(a, a, a, new float[] {0.5f}, null);
    assertThat(one).isEqualTo(two).hasSameHashCodeAs(two).hasToString(two.toString());
    assertThat(one).isNotEqualTo(new PreferencePair(a, a, a, null, new float[] {0.5f}));
    assertThatThrownBy(() -> new PreferencePair(a, a, a, new float[2], null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 weights");
  }

  @Test
  void candidatesHaveTheDefaultRewardAndRefuseNan() {
    assertThat(Candidate.of(TokenText.ofText("a"), true).reward()).isEqualTo(1.0);
    assertThat(Candidate.of(TokenText.ofText("a"), false).reward()).isEqualTo(0.0);
    assertThatThrownBy(() -> new Candidate(TokenText.ofText("a"), true, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new CandidateGroup(TokenText.ofText("p"), null, List.of()).candidates()).isEmpty();
  }

  @Test
  void promptTemplateIsTheDefault() {
    assertThat(Prompts.question("How many?")).isEqualTo("Question: How many?\nAnswer:");
    assertThat(Prompts.response("Two.\n#### 2")).isEqualTo(" Two.\n#### 2");
  }
}
