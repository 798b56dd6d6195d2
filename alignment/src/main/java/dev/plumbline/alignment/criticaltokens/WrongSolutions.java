package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Selects trajectories: one wrong solution per problem. */
public final class WrongSolutions {
  private WrongSolutions() {}

  /** Takes the first wrong sampled solution of each problem, {@code limit} in total; 0 = all. */
  public static List<Trajectory> of(
      List<Problem> problems,
      List<List<ProblemSampler.Solution>> drawn,
      Tokenizer tokenizer,
      int limit) {
    List<Trajectory> all = new ArrayList<>();
    for (int i = 0; i < problems.size() && (limit == 0 || all.size() < limit); i++) {
      Problem problem = problems.get(i);
      drawn.get(i).stream()
          .filter(s -> !s.grade().correct())
          .findFirst()
          .ifPresent(
              s ->
                  all.add(
                      new Trajectory(
                          problem, tokenizer.encodePrompt(problem.prompt()), s.sample().ids())));
    }
    return all;
  }

  /**
   * Takes the first wrong candidate of each group; the problem with the same prompt grades its
   * rollouts.
   *
   * @throws UserError when a row is not from {@code plumbline sample}, or no problem has its prompt
   */
  public static List<Trajectory> ofCandidates(
      List<TrainingRow> rows, List<Problem> problems, Tokenizer tokenizer, int limit) {
    Map<String, Problem> byPrompt = new HashMap<>();
    problems.forEach(p -> byPrompt.put(p.prompt(), p));
    List<Trajectory> all = new ArrayList<>();
    for (int i = 0; i < rows.size() && (limit == 0 || all.size() < limit); i++) {
      if (!(rows.get(i) instanceof CandidateGroup group) || group.prompt().hasIds()) {
        throw new UserError(
            "Row "
                + (i + 1)
                + " of the candidates is not a row of 'plumbline sample', with 'prompt' and 'candidates'.");
      }
      Problem problem = byPrompt.get(group.prompt().text());
      if (problem == null) {
        throw new UserError(
            "The prompt of row "
                + (i + 1)
                + " of the candidates belongs to no problem in the data, so that its rollouts cannot be graded; give the data that it was sampled for.");
      }
      group.candidates().stream()
          .filter(c -> !c.correct())
          .map(Candidate::response)
          .findFirst()
          .ifPresent(
              response ->
                  all.add(
                      new Trajectory(
                          problem,
                          tokenizer.encodePrompt(problem.prompt()),
                          response.hasIds()
                              ? response.ids()
                              : tokenizer.encodeResponse(problem.prompt(), response.text()))));
    }
    return all;
  }
}
