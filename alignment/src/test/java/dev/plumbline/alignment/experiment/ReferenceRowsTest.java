package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training files made of problems and drawn candidates. */
class ReferenceRowsTest {
  private static final List<Problem> LESSONS =
      List.of(new Problem("a", "A?", "one", "1"), new Problem("b", "B?", "two", "2"));

  @TempDir Path work;

  private static CandidateGroup group(String prompt, String reference, Candidate... candidates) {
    return new CandidateGroup(
        TokenText.ofText(prompt), TokenText.ofText(reference), List.of(candidates));
  }

  private static Candidate candidate(String text, boolean correct) {
    return new Candidate(TokenText.ofText(text), correct, correct ? 1 : 0);
  }

  /** References of the questions reach no row, nor does a question without a right candidate. */
  @Test
  void theFirstRightCandidateStandsForAReferenceThatIsNotUsed() {
    Path alone = work.resolve("alone.jsonl");
    Path drawn = work.resolve("drawn.jsonl");
    Path rows = work.resolve("rows.jsonl");
    ReferenceRows.alone(alone, LESSONS);
    TrainingRows.write(
        drawn,
        List.of(
            group("Q1", "secret 1", candidate("wrong", false), candidate("right", true)),
            group("Q2", "secret 2", candidate("wrong", false)),
            group("Q3", "secret 3", candidate("first", true), candidate("second", true))));
    ReferenceRows.answersOnly(rows, alone, drawn);
    List<TrainingRow> read = TrainingRows.read(rows);
    assertThat(read)
        .extracting(row -> ((CandidateGroup) row).reference().text())
        .containsExactly(" one", " two", "right", "first");
    assertThat(((CandidateGroup) read.get(0)).candidates()).hasSize(1);
    assertThat(((CandidateGroup) read.get(2)).candidates()).hasSize(2);
    assertThat(read.toString()).doesNotContain("secret");

    Path rft = work.resolve("rft.jsonl");
    ReferenceRows.rft(rft, rows); // the stand-in is not repeated
    assertThat(TrainingRows.read(rft))
        .extracting(row -> ((Completion) row).response().text())
        .containsExactly(" one", " two", "right", "first", "second");
  }

  @Test
  void referencesRepeatInTheirOrder() {
    Path file = work.resolve("references.jsonl");
    ReferenceRows.repeated(file, LESSONS, 5);
    assertThat(TrainingRows.read(file))
        .extracting(row -> ((Completion) row).response().text())
        .containsExactly(" one", " two", " one", " two", " one");
  }
}
