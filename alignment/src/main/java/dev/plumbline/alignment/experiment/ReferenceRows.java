package dev.plumbline.alignment.experiment;

import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.data.select.Quality;
import dev.plumbline.data.select.RftBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Training rows made of problems and their sampled solutions. */
public final class ReferenceRows {
  private ReferenceRows() {}

  /** The reference solutions. */
  public static void references(Path file, List<Problem> problems) {
    TrainingRows.write(file, problems.stream().map(ReferenceRows::reference).toList());
  }

  private static Completion reference(Problem problem) {
    return new Completion(TokenText.ofText(problem.prompt()), TokenText.ofText(problem.target()));
  }

  /**
   * Candidates of questions of which only the answer is known, after those of the lessons. The
   * first right candidate of a question stands where a lesson has its reference; questions without
   * a right candidate are left out, as they say nothing of what is right.
   *
   * @param lessons candidates of the lessons, with their references
   * @param drawn candidates of the questions; their references are not read
   */
  public static void answersOnly(Path file, Path lessons, Path drawn) {
    List<TrainingRow> rows = new ArrayList<>(TrainingRows.read(lessons));
    for (TrainingRow row : TrainingRows.read(drawn)) {
      CandidateGroup group = (CandidateGroup) row;
      group.candidates().stream()
          .filter(Candidate::correct)
          .findFirst()
          .ifPresent(
              right ->
                  rows.add(
                      new CandidateGroup(group.prompt(), right.response(), group.candidates())));
    }
    TrainingRows.write(file, rows);
  }

  /** Groups with the reference as their only candidate: likelihood without comparison. */
  public static void alone(Path file, List<Problem> problems) {
    TrainingRows.write(
        file,
        problems.stream()
            .map(ReferenceRows::reference)
            .<TrainingRow>map(
                row ->
                    new CandidateGroup(
                        row.prompt(),
                        row.response(),
                        List.of(new Candidate(row.response(), true, 1))))
            .toList());
  }

  /** The references of problems, repeated in their order until there are {@code count} rows. */
  public static void repeated(Path file, List<Problem> problems, int count) {
    TrainingRows.write(
        file,
        IntStream.range(0, count)
            .mapToObj(i -> reference(problems.get(i % problems.size())))
            .toList());
  }

  /**
   * RFT: the references and correct candidates of a file of candidates. A candidate with the text
   * of its reference is not repeated.
   */
  public static void rft(Path file, Path binary) {
    RftBuilder builder = new RftBuilder();
    for (TrainingRow row : TrainingRows.read(binary)) {
      CandidateGroup group = (CandidateGroup) row;
      List<Candidate> others =
          group.candidates().stream()
              .filter(c -> !c.response().text().equals(group.reference().text()))
              .toList();
      builder.add(new CandidateGroup(group.prompt(), group.reference(), others));
    }
    TrainingRows.write(file, builder.rows());
  }

  /** Ranking feedback: the rows of a file of candidates, rewarded by {@link Quality}. */
  public static void ranking(Path file, Path binary) {
    List<TrainingRow> rows = new ArrayList<>();
    for (TrainingRow row : TrainingRows.read(binary)) {
      CandidateGroup group = (CandidateGroup) row;
      List<Candidate> candidates = new ArrayList<>();
      for (Candidate c : group.candidates()) {
        double quality = Quality.of(c.response().text(), c.correct(), group.reference().text());
        candidates.add(new Candidate(c.response(), c.correct(), quality));
      }
      rows.add(new CandidateGroup(group.prompt(), group.reference(), candidates));
    }
    TrainingRows.write(file, rows);
  }
}
