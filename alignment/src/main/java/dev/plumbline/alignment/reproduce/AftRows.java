package dev.plumbline.alignment.reproduce;

import dev.plumbline.data.Candidate;
import dev.plumbline.data.CandidateGroup;
import dev.plumbline.data.Completion;
import dev.plumbline.data.Problem;
import dev.plumbline.data.Quality;
import dev.plumbline.data.RftBuilder;
import dev.plumbline.data.TokenText;
import dev.plumbline.data.TrainingRow;
import dev.plumbline.data.TrainingRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Training rows of an AFT run made of problems and their drawn solutions. */
final class AftRows {
  private AftRows() {}

  /** The reference solutions. */
  static void references(Path file, List<Problem> problems) {
    TrainingRows.write(file, problems.stream().map(AftRows::reference).toList());
  }

  private static Completion reference(Problem problem) {
    return new Completion(TokenText.ofText(problem.prompt()), TokenText.ofText(problem.target()));
  }

  /** RFT: the references and right candidates of a file of candidates. */
  static void rft(Path file, Path binary) {
    RftBuilder builder = new RftBuilder();
    TrainingRows.read(binary).forEach(row -> builder.add((CandidateGroup) row));
    TrainingRows.write(file, builder.rows());
  }

  /** Ranking feedback: the rows of a file of candidates, rewarded by {@link Quality}. */
  static void ranking(Path file, Path binary) {
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
