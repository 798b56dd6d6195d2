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

  /** RFT: the references and correct candidates of a file of candidates. */
  public static void rft(Path file, Path binary) {
    RftBuilder builder = new RftBuilder();
    TrainingRows.read(binary).forEach(row -> builder.add((CandidateGroup) row));
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
