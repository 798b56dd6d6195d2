package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lessons, training, held-out and validation problems. */
class ProblemSplitTest {
  @Test
  void generatedPartsShareNoQuestionAndLessonsAreTheFirstProblems() {
    ProblemSplit split = ProblemSplit.generated(40, 60, 50, 30);
    assertThat(split.answersOnly()).isTrue();
    Set<String> questions = new HashSet<>();
    for (List<Problem> part :
        List.of(split.lessons(), split.train(), split.test(), split.validation())) {
      part.forEach(p -> questions.add(p.question()));
    }
    assertThat(questions).hasSize(40 + 60 + 50 + 30);
    assertThat(split.lessons()).isEqualTo(ProblemSplit.words().train(40));
    // More training questions do not change the first ones.
    assertThat(ProblemSplit.generated(40, 90, 1, 1).train().subList(0, 60))
        .isEqualTo(split.train());
  }

  /** Settings are chosen on other questions than those that a result is reported on. */
  @Test
  void validationProblemsTakeThePlaceOfTestProblems() {
    Setup setup = Setup.embedded(Path.of("unused"), new Setup.Sizes(20, 50, 0, 9));
    Setup choosing = setup.withHeldOut(ProblemSplit.HeldOut.VALIDATION);
    assertThat(choosing.problems(0).test())
        .isEqualTo(setup.problems(50).validation())
        .hasSize(50)
        .doesNotContainAnyElementsOf(setup.problems(0).test());
    assertThat(choosing.problems(80).validation()).hasSize(80);
    assertThat(choosing.problems(20).validation()).hasSize(20);
    assertThat(choosing.problems(0).train()).isEqualTo(setup.problems(0).train());
  }

  @Test
  void referencesOfTheUsersTrainingProblemsAreUsed(@TempDir Path work) throws IOException {
    Path train =
        Files.writeString(
            work.resolve("train.jsonl"),
            """
            {"question": "What is 1+1?", "answer": "It is 2. #### 2"}
            {"question": "How many legs has a spider?", "answer": "It has 8. #### 8"}
            """);
    Path test =
        Files.writeString(
            work.resolve("test.jsonl"),
            """
            {"question": "How many days has a week?", "answer": "It has 7. #### 7"}
            """);
    ProblemSplit split = ProblemSplit.read(train, test, 10, 10, 0);
    assertThat(split.answersOnly()).isFalse();
    assertThat(split.lessons()).hasSize(2).isEqualTo(split.train());
    assertThatThrownBy(() -> split.onValidation(10, 0))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("fewer than 10 problems");
  }
}
