package dev.plumbline.alignment.aft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.row.CandidateGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Candidates and training files of the AFT experiment, on the embedded model. */
class AftFilesTest {
  @TempDir static Path shared;
  private static Path model;

  @TempDir Path work;
  private final List<String> stages = new ArrayList<>();

  @BeforeAll
  static void extractModel() throws IOException {
    model = EmbeddedModel.FINE_TUNED.extract(shared.resolve("model"));
  }

  /** A console that keeps the stages. */
  private final RunConsole console =
      new RunConsole() {
        @Override
        public void stage(String text) {
          stages.add(text);
        }

        @Override
        public ProgressBar bar(String task, long total) {
          return new ProgressBar() {
            @Override
            public void accept(int done) {}

            @Override
            public void close() {}
          };
        }

        @Override
        public void train(TrainSettings settings) {
          throw new AssertionError("nothing is trained here");
        }
      };

  private AftFiles files(boolean answersOnly) {
    return files(answersOnly, List.of(2, 4));
  }

  private AftFiles files(boolean answersOnly, List<Integer> sweep) {
    AftSettings settings = AftSettings.quick(work);
    return new AftFiles(
        new Workspace(work, FineTuning.DONE, settings.arms(), console),
        new AftSettings.Draws(4, 5, 10),
        160,
        sweep,
        true,
        answersOnly);
  }

  private static List<String> references(Path file) {
    return TrainingRows.read(file).stream()
        .map(row -> ((CandidateGroup) row).reference().text())
        .toList();
  }

  @Test
  void lessonsComeFirstAndQuestionsHaveOnlyTheirAnswers() throws IOException {
    ProblemSplit problems = ProblemSplit.generated(10, 12, 6, 0);
    AftFiles files = files(true);
    files.draw(model, problems);
    List<String> rows = references(files.binary());
    List<String> lessons = problems.lessons().stream().map(p -> p.target()).toList();
    assertThat(rows).startsWith(lessons.toArray(String[]::new)).hasSizeBetween(12, 22);
    assertThat(TrainingRows.read(files.references())).hasSameSizeAs(rows);
    assertThat(TrainingRows.read(files.learned()))
        .isEqualTo(TrainingRows.read(work.resolve("questions-4.jsonl")).subList(0, 5));
    assertThat(references(files.fineTunedOn())).isEqualTo(lessons);
    assertThat(TrainingRows.read(files.heldOut())).hasSize(5);
    assertThat(references(files.binary(2)).size()).isLessThanOrEqualTo(rows.size());

    // An interruption after the sampling: the same files, and nothing is sampled again.
    byte[] binary = Files.readAllBytes(files.binary());
    byte[] references = Files.readAllBytes(files.references());
    for (Path lost : List.of(files.binary(), files.references(), files.rft(2))) {
      Files.delete(lost);
    }
    stages.clear();
    files.draw(model, problems);
    assertThat(stages).isEmpty();
    assertThat(Files.readAllBytes(files.binary())).isEqualTo(binary);
    assertThat(Files.readAllBytes(files.references())).isEqualTo(references);
  }

  /** A run that takes the sweep over k later keeps the files that its arms were trained on. */
  @Test
  void otherNumbersOfCandidatesAreAdded() throws IOException {
    ProblemSplit problems = ProblemSplit.generated(10, 12, 6, 0);
    AftFiles before = files(true, List.of());
    before.draw(model, problems);
    FileTime past = FileTime.fromMillis(0);
    List<Path> kept = List.of(before.binary(), before.learned(), work.resolve("questions-4.jsonl"));
    for (Path file : kept) {
      Files.setLastModifiedTime(file, past);
    }
    AftFiles after = files(true);
    after.draw(model, problems);
    for (Path file : kept) {
      assertThat(Files.getLastModifiedTime(file)).isEqualTo(past);
    }
    List<String> of4 = prompts(after.binary());
    assertThat(of4).containsAll(prompts(after.binary(2)));
  }

  private static List<String> prompts(Path file) {
    return TrainingRows.read(file).stream().map(row -> row.prompt().text()).toList();
  }

  @Test
  void referencesOfTheUsersQuestionsStandInTheirRows() throws IOException {
    ProblemSplit generated = ProblemSplit.generated(0, 8, 6, 0);
    ProblemSplit problems =
        ProblemSplit.taught(generated.train(), generated.test(), List.of(), 0, "own");
    AftFiles files = files(false);
    files.draw(model, problems);
    List<String> targets = problems.train().stream().map(p -> p.target()).toList();
    assertThat(references(files.binary())).isEqualTo(targets);
    assertThat(references(files.learned())).isEqualTo(targets.subList(0, 5));
    assertThat(TrainingRows.read(files.references())).hasSize(8);
  }
}
