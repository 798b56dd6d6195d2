package dev.plumbline.data.select;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.select.Deduplicator.Mode;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DeduplicatorTest {
  @Test
  void textModeCollapsesBlanksAndKeepsTheFirst() {
    List<String> texts = List.of(" a  b\n", "a b", "A b", "a\tb", "ab");
    assertThat(Deduplicator.distinct(texts, Function.identity(), Mode.TEXT))
        .containsExactly(" a  b\n", "A b", "ab");
  }

  @Test
  void equationModeComparesTheAnnotationsOnly() {
    String first = "He has <<2*3=6>>6, then <<6+1=7>>7.";
    String spaced = "So <<2 * 3 = 6>>6 and <<6 + 1 = 7>>7.";
    String swapped = "First <<6+1=7>>7, <<2*3=6>>6.";
    List<String> texts = List.of(first, spaced, swapped, "no sum", "none either");
    assertThat(Deduplicator.key(Mode.EQUATIONS, spaced)).isEqualTo("2*3=6|6+1=7");
    assertThat(Deduplicator.distinct(texts, Function.identity(), Mode.EQUATIONS))
        .containsExactly(
            first, swapped, "no sum"); // at most one text without annotations is kept, as in RFT
  }

  @Test
  void worksOnRecords() {
    Candidate one = Candidate.of(TokenText.ofText("a"), true);
    Candidate two = Candidate.of(TokenText.ofText("a "), false);
    assertThat(Deduplicator.distinct(List.of(one, two), c -> c.response().text(), Mode.TEXT))
        .containsExactly(one);
    assertThat(Deduplicator.distinct(List.<Candidate>of(), c -> "", Mode.TEXT)).isEmpty();
  }
}
