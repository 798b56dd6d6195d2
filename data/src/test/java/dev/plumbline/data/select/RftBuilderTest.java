package dev.plumbline.data.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFT's rows, the quality score and the overlap of splits, worked by hand. */
class RftBuilderTest {
  private static Candidate right(String text) {
    return Candidate.of(TokenText.ofText(text), true);
  }

  private static Candidate wrong(String text) {
    return Candidate.of(TokenText.ofText(text), false);
  }

  private static List<String> responses(RftBuilder builder) {
    return builder.rows().stream().map(row -> ((Completion) row).response().text()).toList();
  }

  @Test
  void keepsOneCandidateForEachListOfEquations() {
    RftBuilder builder = new RftBuilder();
    builder.add(
        new CandidateGroup(
            TokenText.ofText("q"),
            TokenText.ofText("<<2+3=5>>5\n#### 5"),
            List.of(
                right("a <<2+3=5>>5\n#### 5"),
                right("b <<3+2=5>>5\n#### 5"),
                wrong("c <<2+4=6>>6\n#### 6"),
                right("d <<2+2=5>>5\n#### 5"), // correct by chance
                right("e <<2 + 3=5>>5\n#### 5"), // the list of a, at the same distance from b
                right("a far longer one <<2+3=5>>5\n#### 5")))); // the list of a, farther from b
    assertThat(responses(builder))
        .containsExactly(
            "<<2+3=5>>5\n#### 5", "a far longer one <<2+3=5>>5\n#### 5", "b <<3+2=5>>5\n#### 5");
    assertThat(builder.counts()).isEqualTo(new RftBuilder.Counts(1, 1, 1, 2, 2));
  }

  @Test
  void withoutAnnotationsEqualTextsAreRepetitions() {
    RftBuilder builder = new RftBuilder();
    builder.add(
        new CandidateGroup(
            TokenText.ofText("q"),
            TokenText.ofText("Because. The answer is A"),
            List.of(
                right("One way. The answer is A"),
                right(" One  way. The answer is A"),
                right("Other. The answer is A"))));
    assertThat(responses(builder)).hasSize(3).contains("Other. The answer is A");
    assertThat(builder.counts().repeated()).isEqualTo(1);
  }

  @Test
  void needsAReference() {
    CandidateGroup none = new CandidateGroup(TokenText.ofText("q"), null, List.of());
    assertThatThrownBy(() -> new RftBuilder().add(none))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("reference");
  }

  @Test
  void qualityRanksAnswerThenStepsThenLength() {
    String reference = "Half is <<8/2=4>>4 now.\n#### 4";
    double good = Quality.of(reference, true, reference);
    double slip = Quality.of("Half is <<8/2=5>>4 now.\n#### 4", true, reference);
    double wrong = Quality.of("Half is <<8-2=6>>6 now.\n#### 6", false, reference);
    double rambling = Quality.of("Half ".repeat(40) + "<<8-2=6>>6", false, reference);
    assertThat(good).isEqualTo(1);
    assertThat(slip).isCloseTo(11.0 / 12, within(1e-12));
    assertThat(wrong).isCloseTo(2.0 / 12, within(1e-12));
    assertThat(rambling).isCloseTo(1.0 / 12, within(1e-12));
  }

  @Test
  void overlapOfSplits() {
    String long1 = "Ann has three red pens and buys four blue pens at the shop today.";
    String left = "a b c d e f g h i";
    String right = "j k l m n o p q r";
    List<Problem> held =
        List.of(
            problem("Ann has 3 pens. How many?"),
            problem(long1),
            problem("Compute 3+4."),
            problem("Give the number of orders in which to write the word TEA."),
            problem(left),
            problem(right));
    List<Problem> train =
        List.of(
            problem("ann has 3 pens - how many"), // the same except for case and punctuation
            problem("Ann has 4 pens. How many?"), // another number
            problem(long1 + " Yes."), // six of seven runs of eight words
            problem("Quite another question about the price of tea in a small town."),
            problem("Compute 3-4."),
            problem("compute 3 + 4"), // the same
            problem("Give the number of orders in which to write the word NINE."),
            problem(left + " x y z " + right)); // its runs occur in two questions, few in each
    SplitOverlap.Result result = SplitOverlap.drop(train, held);
    assertThat(result.kept())
        .containsExactly(train.get(1), train.get(3), train.get(4), train.get(6), train.get(7));
    assertThat(result.same()).isEqualTo(2);
    assertThat(result.near()).isEqualTo(1);
    assertThat(SplitOverlap.drop(new ArrayList<>(train), List.of()).kept()).isEqualTo(train);
  }

  private static Problem problem(String question) {
    return new Problem(question, question, "#### 1", "1");
  }
}
