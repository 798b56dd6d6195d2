package dev.plumbline.alignment.evaluate;

import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.statistics.PassAtK;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Accuracy of k sampled responses per question, for k = 1, 2, 4 and so on.
 *
 * @param solved [k][question] maj@k: share of the orders of the samples in which the majority of
 *     the first k is correct
 * @param passed [k][question] unbiased pass@k
 */
public record Votes(double[][] solved, double[][] passed) {
  /** Number of random orders of the samples over which maj@k is averaged. */
  public static final int ORDERS = 20;

  /** Returns the values of k up to {@code most}. */
  public static List<Integer> counts(int most) {
    List<Integer> counts = new ArrayList<>();
    for (int k = 1; k <= most; k *= 2) {
      counts.add(k);
    }
    return counts;
  }

  /** Counts the votes of sampled solutions; each question needs the same number of them. */
  public static Votes count(List<Problem> problems, List<List<ProblemSampler.Solution>> drawn) {
    List<Integer> counts = counts(drawn.get(0).size());
    double[][] solved = new double[counts.size()][problems.size()];
    double[][] passed = new double[counts.size()][problems.size()];
    RandomStream random = RandomStream.of(0, "orders of votes");
    for (int q = 0; q < problems.size(); q++) {
      List<String> answers =
          drawn.get(q).stream().map(solution -> solution.grade().extracted()).toList();
      int right = (int) drawn.get(q).stream().filter(s -> s.grade().correct()).count();
      for (int order = 0; order < ORDERS; order++) {
        int[] places = random.permutation(answers.size());
        for (int i = 0; i < counts.size(); i++) {
          List<String> first = new ArrayList<>();
          for (int v = 0; v < counts.get(i); v++) {
            first.add(answers.get(places[v]));
          }
          String winner = SelfConsistency.majority(first);
          boolean correct = winner != null && problems.get(q).solvedBy(winner);
          solved[i][q] += correct ? 1.0 / ORDERS : 0;
        }
      }
      for (int i = 0; i < counts.size(); i++) {
        passed[i][q] = PassAtK.passAtK(answers.size(), right, counts.get(i));
      }
    }
    return new Votes(solved, passed);
  }
}
