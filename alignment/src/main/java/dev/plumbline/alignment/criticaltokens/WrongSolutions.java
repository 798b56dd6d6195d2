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

/** Where trajectories come from: one wrong solution of a problem. */
public final class WrongSolutions {
  private WrongSolutions() {}

  /** The first wrong one of each problem's drawn solutions, {@code limit} in all; 0 = all. */
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
   * The first wrong candidate of each group; the problem that grades its rollouts is the one with
   * the same prompt.
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
                + " of the candidates is none of 'plumbline sample', with 'prompt' and 'candidates'.");
      }
      Problem problem = byPrompt.get(group.prompt().text());
      if (problem == null) {
        throw new UserError(
            "The prompt of row "
                + (i + 1)
                + " of the candidates is that of no problem in the data, so that its rollouts cannot be graded.");
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
