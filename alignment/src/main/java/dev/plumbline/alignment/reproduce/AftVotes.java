package dev.plumbline.alignment.reproduce;

import dev.plumbline.alignment.evaluate.SelfConsistency;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.sample.ProblemSampler;
import dev.plumbline.data.Gsm8kGrader;
import dev.plumbline.data.Problem;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.statistics.Interval;
import dev.plumbline.tensor.statistics.PassAtK;
import java.util.ArrayList;
import java.util.List;

/**
 * Self-consistency of some arms: the share of held-out questions that a majority of k sampled
 * answers solves, and that at least one of them does.
 */
final class AftVotes {
  private static final int ORDERS = 20;

  private AftVotes() {}

  /**
   * What one model's samples gave.
   *
   * @param name of the arm
   * @param solved [k][question]: share of the orders in which the majority of the first k is right
   * @param passed [k][question]: unbiased pass@k
   */
  record Votes(String name, double[][] solved, double[][] passed) {}

  /** The numbers of votes of the curve: 1, 2, 4 and so on up to {@code most}. */
  static List<Integer> counts(int most) {
    List<Integer> counts = new ArrayList<>();
    for (int k = 1; k <= most; k *= 2) {
      counts.add(k);
    }
    return counts;
  }

  /** Counts the votes of drawn solutions. */
  static Votes count(
      String name, List<Problem> problems, List<List<ProblemSampler.Solution>> drawn) {
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
          boolean correct =
              winner != null && Gsm8kGrader.sameNumber(winner, problems.get(q).answer());
          solved[i][q] += correct ? 1.0 / ORDERS : 0;
        }
      }
      for (int i = 0; i < counts.size(); i++) {
        passed[i][q] = PassAtK.passAtK(answers.size(), right, counts.get(i));
      }
    }
    return new Votes(name, solved, passed);
  }

  /** The curve of majority votes. */
  static Study.Curve curve(List<Votes> votes) {
    int most = votes.get(0).solved().length;
    List<Study.Line> lines = new ArrayList<>();
    for (Votes v : votes) {
      List<Interval> values = new ArrayList<>();
      for (double[] solved : v.solved()) {
        values.add(StudyStatistics.mean(solved, "votes"));
      }
      lines.add(new Study.Line(v.name() + ", maj@k", values));
    }
    for (Votes v : votes) {
      List<Interval> values = new ArrayList<>();
      for (double[] passed : v.passed()) {
        values.add(StudyStatistics.mean(passed, "pass"));
      }
      lines.add(new Study.Line(v.name() + ", pass@k", values));
    }
    return new Study.Curve(
        "self-consistency",
        "Self-consistency",
        "Held-out questions solved by the majority of k sampled answers (maj@k, mean over "
            + ORDERS
            + " orders of the samples) and by at least one of them (unbiased pass@k); temperature 0.7, first seed of each arm, "
            + "95 % bootstrap over questions.",
        "samples (k)",
        "questions solved, %",
        counts(1 << (most - 1)).stream().map(k -> Integer.toString(k)).toList(),
        lines);
  }
}
