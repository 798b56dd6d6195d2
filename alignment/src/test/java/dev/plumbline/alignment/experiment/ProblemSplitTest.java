package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;

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
  }
}
