package dev.plumbline.alignment.reproduce;

import dev.plumbline.alignment.sample.ProblemSampler;
import dev.plumbline.data.CalculatorCheck;
import dev.plumbline.data.Candidate;
import dev.plumbline.data.CandidateGroup;
import dev.plumbline.data.Completion;
import dev.plumbline.data.Deduplicator;
import dev.plumbline.data.Problem;
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

  /** RFT (spec 5.1): each reference followed by its right candidates of different equations. */
  static void rft(
      Path file, List<Problem> problems, List<List<ProblemSampler.Solution>> solutions) {
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      Completion reference = reference(problems.get(i));
      rows.add(reference);
      List<ProblemSampler.Solution> right =
          solutions.get(i).stream()
              .filter(s -> s.grade().correct())
              .filter(s -> CalculatorCheck.check(s.text()).allRight())
              .toList();
      Deduplicator.distinct(right, ProblemSampler.Solution::text, Deduplicator.Mode.EQUATIONS)
          .forEach(
              s -> rows.add(new Completion(reference.prompt(), TokenText.ofIds(s.sample().ids()))));
    }
    TrainingRows.write(file, rows);
  }

  /**
   * Ranking feedback (spec 6.2): the rows of a file of candidates with rewards that count the steps
   * too, scaled to [0, 1]: 10 for the right answer and the share of calculations that hold.
   */
  static void ranking(Path file, Path binary) {
    List<TrainingRow> rows = new ArrayList<>();
    for (TrainingRow row : TrainingRows.read(binary)) {
      CandidateGroup group = (CandidateGroup) row;
      List<Candidate> candidates = new ArrayList<>();
      for (Candidate c : group.candidates()) {
        candidates.add(new Candidate(c.response(), c.correct(), quality(c)));
      }
      rows.add(new CandidateGroup(group.prompt(), group.reference(), candidates));
    }
    TrainingRows.write(file, rows);
  }

  private static double quality(Candidate c) {
    CalculatorCheck.Result steps = CalculatorCheck.check(c.response().text());
    double held =
        steps.annotations() == 0
            ? 0
            : (double) (steps.annotations() - steps.wrong()) / steps.annotations();
    return ((c.correct() ? 10 : 0) + held) / 11;
  }
}
