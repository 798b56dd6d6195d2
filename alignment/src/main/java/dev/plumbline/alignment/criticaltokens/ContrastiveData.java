package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.generate.ProblemSampler.Solution;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the models of contrastive estimation learn from, by how often each answer comes up among the
 * solutions of a question (the authors' code).
 *
 * @param positive one solution with the most frequent right answer of each question
 * @param negative of each question one solution with each of the most frequent wrong answers, until
 *     they cover half of its wrong solutions; an answer seen once only where it is the first
 * @param pairs of each question one solution with the most frequent right answer and one with the
 *     most frequent wrong one
 */
public record ContrastiveData(
    List<Completion> positive, List<Completion> negative, List<PreferencePair> pairs) {
  /** Names of the files of {@link #write}. */
  public static final List<String> FILES =
      List.of("positive.jsonl", "negative.jsonl", "pairs.jsonl");

  /** Share of the wrong solutions that the negative ones must cover. */
  private static final double COVERED = 0.5;

  /**
   * Selects among drawn solutions; which of the solutions with an answer is taken follows from the
   * seed.
   */
  public static ContrastiveData of(List<Problem> problems, List<List<Solution>> drawn, long seed) {
    ContrastiveData data =
        new ContrastiveData(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    RandomStream random = RandomStream.of(seed, "contrastive data");
    for (int q = 0; q < problems.size(); q++) {
      data.add(problems.get(q), drawn.get(q), random.child(problems.get(q).question()));
    }
    return data;
  }

  /** Writes one file of each list into a directory. */
  public void write(Path directory) {
    TrainingRows.write(directory.resolve(FILES.get(0)), positive);
    TrainingRows.write(directory.resolve(FILES.get(1)), negative);
    TrainingRows.write(directory.resolve(FILES.get(2)), pairs);
  }

  private void add(Problem problem, List<Solution> solutions, RandomStream random) {
    List<List<Solution>> right = byAnswer(solutions, true);
    List<List<Solution>> wrong = byAnswer(solutions, false);
    TokenText prompt = TokenText.ofText(problem.prompt());
    TokenText chosen = right.isEmpty() ? null : one(right.get(0), random);
    if (chosen != null) {
      positive.add(new Completion(prompt, chosen));
    }
    int all = wrong.stream().mapToInt(List::size).sum();
    int covered = 0;
    for (int i = 0; i < wrong.size() && covered < COVERED * all; i++) {
      if (i > 0 && wrong.get(i).size() == 1) {
        break; // all that follow were seen once, too
      }
      covered += wrong.get(i).size();
      TokenText rejected = one(wrong.get(i), random);
      negative.add(new Completion(prompt, rejected));
      if (i == 0 && chosen != null) {
        pairs.add(new PreferencePair(prompt, chosen, rejected, null, null));
      }
    }
  }

  private static TokenText one(List<Solution> solutions, RandomStream random) {
    return TokenText.ofIds(solutions.get(random.nextInt(solutions.size())).sample().ids());
  }

  /** Solutions with an answer, those with the most frequent answer first. */
  private static List<List<Solution>> byAnswer(List<Solution> solutions, boolean correct) {
    Map<String, List<Solution>> answers = new LinkedHashMap<>();
    for (Solution s : solutions) {
      if (s.grade().correct() == correct && s.grade().extracted() != null) {
        answers.computeIfAbsent(s.grade().extracted(), a -> new ArrayList<>()).add(s);
      }
    }
    List<List<Solution>> sorted = new ArrayList<>(answers.values());
    sorted.sort((a, b) -> b.size() - a.size()); // stable: of equally frequent ones the first seen
    return sorted;
  }
}
