package dev.plumbline.alignment.evaluate;

import dev.plumbline.alignment.objective.Example;
import dev.plumbline.alignment.objective.Role;
import dev.plumbline.alignment.objective.TokenScores;
import dev.plumbline.tensor.statistics.Interval;
import dev.plumbline.tensor.statistics.Statistics;
import java.util.ArrayList;
import java.util.List;

/**
 * Assessment accuracy (AFT paper, section 3; spec 1.3): how often a model's score s, the mean
 * log-probability of a response's tokens, puts a right candidate above a wrong one of the same
 * question. A tie counts as wrong.
 *
 * @param micro share of all (right, wrong) pairs; the interval takes pairs as independent, which
 *     pairs of one question are not, so it is too narrow by what they share
 * @param macro mean over questions of their share
 * @param pairs number of pairs
 * @param questions questions with at least one pair
 * @param positive scores of all right candidates
 * @param negative scores of all wrong candidates
 */
public record Assessment(
    Interval micro, double macro, int pairs, int questions, double[] positive, double[] negative) {

  /** Computes it from scored groups. */
  public static Assessment of(List<Example> examples, List<TokenScores> scores) {
    int ordered = 0;
    int pairs = 0;
    int questions = 0;
    double shares = 0;
    List<Double> positive = new ArrayList<>();
    List<Double> negative = new ArrayList<>();
    for (int q = 0; q < examples.size(); q++) {
      int[] gp = examples.get(q).indices(Role.POSITIVE);
      int[] gn = examples.get(q).indices(Role.NEGATIVE);
      int won = 0;
      for (int p : gp) {
        positive.add(scores.get(q).s(p));
        for (int n : gn) {
          won += scores.get(q).s(p) > scores.get(q).s(n) ? 1 : 0;
        }
      }
      for (int n : gn) {
        negative.add(scores.get(q).s(n));
      }
      if (gp.length > 0 && gn.length > 0) {
        questions++;
        shares += (double) won / (gp.length * gn.length);
        ordered += won;
        pairs += gp.length * gn.length;
      }
    }
    return new Assessment(
        Statistics.wilson(ordered, pairs, 0.95),
        questions == 0 ? Double.NaN : shares / questions,
        pairs,
        questions,
        positive.stream().mapToDouble(Double::doubleValue).toArray(),
        negative.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
